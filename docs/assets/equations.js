// Draws the equations that arithmatex marks, on every page.
document.addEventListener("DOMContentLoaded", () => {
  for (const element of document.querySelectorAll(".arithmatex")) {
    const text = element.textContent.trim().replace(/^\\[([]|\\[)\]]$/g, "");
    katex.render(text, element, { displayMode: element.tagName === "DIV", throwOnError: true });
  }
});
