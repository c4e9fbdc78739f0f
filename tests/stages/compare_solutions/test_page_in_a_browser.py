"""The interactive map in a browser: what a click does. Needs Chromium."""

import html
import json
import re
import shutil
import subprocess

import pytest

from stages.analyse.made_networks import ANALYSED, NETWORKS, fixed_points, networks_table
from stages.compare_solutions.test_page import ODD, Made, embedding
from threefactor.stages.compare_solutions import page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")

BEFORE = (
    "<script>window.problems = []; window.onerror = (words) => window.problems.push(String(words));</script>"
)

AFTER = """<script>
const marks = () => [...document.querySelectorAll(".point")];
const panel = document.getElementById("panel"), found = { marks: marks().length };
const one = marks()[2];
one.dispatchEvent(new Event("pointerover", { bubbles: true }));
found.tip = document.getElementById("tip").textContent;
one.dispatchEvent(new MouseEvent("click", { bubbles: true }));
found.title = panel.querySelector("h2").textContent;
found.paths = panel.querySelectorAll("svg.portrait polyline").length;
found.stars = panel.querySelectorAll("svg.portrait [stroke='#000']").length;
found.rows = panel.querySelectorAll("tr").length;
found.links = [...panel.querySelectorAll("a")].map((link) => link.href);
found.kin = document.querySelectorAll(".kin").length;
document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
found.next = panel.querySelector("h2").textContent;
document.querySelector("#legend button").click();
found.fewer = marks().length;
document.getElementById("base").value = "javascript:alert(1)";
document.getElementById("base").dispatchEvent(new Event("input"));
found.refused = panel.querySelectorAll("a").length;
found.bold = document.querySelectorAll("b").length;
found.problems = window.problems;
document.body.append(Object.assign(document.createElement("pre"), { id: "found", textContent: JSON.stringify(found) }));
</script>"""


def opened(folder, text, after=AFTER):
    """Open a page, run a script behind its own, and return what that found."""
    path = folder / "map.html"
    whole = text.replace("<head>", f"<head>{BEFORE}", 1).replace("</body>", f"{after}</body>", 1)
    path.write_text(whole, encoding="utf-8")
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
    run = subprocess.run(
        [*command, "--dump-dom", path.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    return json.loads(html.unescape(re.search(r'<pre id="found">(.*?)</pre>', run.stdout, re.DOTALL)[1]))


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    text = page.map_page(Made(networks_table(), fixed_points()), embedding())
    return opened(tmp_path_factory.mktemp("browser"), text)


def test_a_click_opens_the_portrait_of_the_network(seen):
    assert seen["problems"] == []
    assert seen["marks"] == len(ANALYSED) * NETWORKS
    assert seen["tip"].startswith("θ₃₃, network 2\n")
    assert seen["title"] == "θ₃₃, network 2"
    assert seen["paths"] == 4, "a line for each trial type"
    assert seen["stars"] == 3, "the fixed points without input"
    assert seen["rows"] > 10
    assert seen["kin"] == len(ANALYSED) - 1, "the same network under other rules"


def test_the_links_search_the_runs_of_the_batch(seen):
    start = "http://127.0.0.1:5000/#/experiments/1/runs?searchFilter="
    assert all(link.startswith(start) for link in seen["links"])
    for stage, link in zip(("retrain", "analyse"), seen["links"], strict=True):
        for tag, value in (("stage", stage), ("learning_rule", "theta_33"), ("batch", "0")):
            assert f"tags.%60threefactor.{tag}%60%20%3D%20'{value}'" in link
    assert seen["refused"] == 0, "an address that is no http"


def test_keys_go_from_mark_to_mark(seen):
    assert seen["next"] == "θ₃₃, network 3"


def test_the_legend_hides_a_rule(seen):
    assert seen["fewer"] == (len(ANALYSED) - 1) * NETWORKS


def test_an_odd_name_stays_text(tmp_path):
    odd = [
        one.assign(learning_rule=one.learning_rule.replace("theta_33", ODD))
        for one in (networks_table(), embedding())
    ]
    found = opened(tmp_path, page.map_page(Made(odd[0], fixed_points()), odd[1]))
    assert found["problems"] == []
    assert found["bold"] == 0


def test_an_empty_page_says_so(tmp_path):
    none = page.map_page(Made(networks_table().iloc[:0], fixed_points().iloc[:0]), embedding().iloc[:0])
    say = """<script>document.body.append(Object.assign(document.createElement("pre"), { id: "found",
        textContent: JSON.stringify([document.getElementById("map").textContent, window.problems]) }));</script>"""
    assert opened(tmp_path, none, say) == ["No rule has two networks at a level.", []]
