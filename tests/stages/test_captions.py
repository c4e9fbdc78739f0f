"""Captions of all figures: sound, and without a number that drawing did not find."""

import re

import pytest
from docutils.core import publish_string

from threefactor.pipeline import captions, registry

ALLOWED = r"\b(95|99\.5|100) %"
"""Numbers that say how something is shown."""


@pytest.mark.parametrize("name", registry.figures())
def test_what_a_caption_says_without_findings_is_sound_and_types_no_result(name):
    text = registry.figures()[name].caption.read_text(encoding="utf-8")
    plain = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text.split("{% block finding %}")[0], flags=re.DOTALL)
    publish_string(plain, writer="html5", settings_overrides={"halt_level": 2, "report_level": 2})
    assert plain.startswith("**")
    assert not re.search(r"\d+\.\d|\d{2,}", re.sub(ALLOWED, "", plain))


@pytest.mark.parametrize("name", registry.figures())
def test_a_caption_says_nothing_of_what_is_not_drawn(name):
    assert captions.finding(name, {}) == ""
