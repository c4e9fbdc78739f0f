"""The commit of the sources is named, or it is said why it is not."""

import shutil
import subprocess

import pytest

from threefactor.pipeline import identity

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.fixture
def repository(tmp_path):
    """Return a repository of one commit."""
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    (tmp_path / "a.txt").write_text("1")
    for words in (["init", "--quiet"], ["add", "a.txt"], [*who, "commit", "--quiet", "--message", "one"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    return tmp_path


def head(repository):
    found = subprocess.run(
        ["git", "-C", str(repository), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    )
    return found.stdout[:12]


def test_the_commit_is_named_and_edits_are_marked(repository):
    name = head(repository)
    assert identity.commit(repository) == name
    (repository / "a.txt").write_text("2")
    assert identity.commit(repository) == f"{name}+"


def test_a_checkout_of_another_user_is_named(repository, monkeypatch):
    name = head(repository)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # Git's own switch for this
    refused = subprocess.run(["git", "-C", str(repository), "status"], capture_output=True, check=False)
    assert refused.returncode != 0
    assert identity.commit(repository) == name


def test_a_repository_that_git_cannot_read_is_no_silence(repository, monkeypatch):
    (repository / ".git/HEAD").write_text("nonsense")
    assert identity.commit(repository).startswith("unknown: fatal: ")
    monkeypatch.setenv("PATH", "")
    assert identity.commit(repository).startswith("unknown: git: ")


def test_outside_a_repository_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert identity.commit(tmp_path) == ""
