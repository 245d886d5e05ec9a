"""Who is at the desk: modes, people, logins, half an hour without a click; the library refuses, not the page."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from factordb import Library
from factordb.dashboard import IDLE_MINUTES, bind_login, person_at
from factordb.dashboard.access import NEEDED, login_names, oidc_host
from factordb.dashboard.serving import command, environment, serve_dashboard
from factordb.errors import FileProblemError, NotFoundError, NotPermittedError, UsageError
from tests.conftest import ROOT
from tests.dashboards.conftest import Open

SETTINGS = """\
[auth]
redirect_uri = "https://factors.example.org/oauth2callback"
cookie_secret = "a-secret-for-tests-only"
client_id = "factordb"
client_secret = "none"
server_metadata_url = "https://login.example.org/.well-known/openid-configuration"
"""


@pytest.fixture
def peopled(small_library_copy: Path) -> Path:
    """Return a library with an administrator and a reviewer."""
    door = Library.open(small_library_copy)
    door.add_person("root", name="管理员", organisation="甲院", roles=["administrator"])
    door.add_person("li.si", name="李四", organisation="乙院", roles=["reviewer"], kinds=["subject"], actor="root")
    return small_library_copy


def claims(**more: object) -> dict[str, Any]:
    return {"iss": "https://login.example.org", "sub": "42", "is_logged_in": True, **more}


# ── logins ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_login_is_known_by_issuer_and_subject_or_by_a_verified_address() -> None:
    assert login_names(claims()) == ["https://login.example.org#42"]
    assert login_names(claims(email="Li.Si@Example.org", email_verified=True))[1] == "li.si@example.org"
    assert len(login_names(claims(email="li.si@example.org", email_verified=False))) == 1
    assert len(login_names(claims(email="li.si@example.org", email_verified="true"))) == 1
    assert login_names({"sub": "42"}) == []


def test_a_bound_login_is_its_person_and_the_newest_binding_counts(peopled: Path) -> None:
    door = Library.open(peopled)
    known = claims(email="li.si@example.org", email_verified=True)
    assert person_at(door, known) == ""
    bind_login(door, "li.si", " Li.Si@example.org ", actor="root")
    assert person_at(door, known) == "li.si"
    bind_login(door, "root", "li.si@example.org", actor="root")
    assert person_at(door, known) == "root"
    assert door.verify_ledger()["breaches"] == []


def test_only_an_administrator_binds_logins_and_only_of_people(peopled: Path) -> None:
    door = Library.open(peopled)
    for actor in ("li.si", "nobody", ""):
        with pytest.raises(NotPermittedError):
            bind_login(door, "li.si", "li.si@example.org", actor=actor)
    with pytest.raises(NotFoundError):
        bind_login(door, "wang.wu", "wang.wu@example.org", actor="root")
    with pytest.raises(UsageError):
        bind_login(door, "li.si", "  ", actor="root")


# ── server ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_login_needs_whole_settings_and_opens_its_host_alone(tmp_path: Path) -> None:
    file = tmp_path / "login.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    assert oidc_host(file) == "factors.example.org"
    options = command(8501, file)
    assert f"--secrets.files={file}" in options
    assert "--server.allowedHosts=factors.example.org" in options
    assert "--server.address=127.0.0.1" in options
    file.write_text(SETTINGS.replace("client_id", "client"), encoding="utf-8")
    with pytest.raises(FileProblemError) as caught:
        oidc_host(file)
    assert "client_id" in caught.value.words("zh")[0]
    assert "client_id" in caught.value.words("en")[0]


def test_without_a_login_nobody_but_this_machine_is_answered_and_no_secrets_are_read() -> None:
    options = command(8501)
    assert [one for one in options if "allowedHosts" in one] == [
        "--server.allowedHosts=127.0.0.1",
        "--server.allowedHosts=localhost",
    ]
    (secrets,) = (one.partition("=")[2] for one in options if one.startswith("--secrets.files"))
    assert not Path(secrets).exists()


@pytest.mark.parametrize(("auth", "oidc"), [("anybody", None), ("oidc", None), ("oidc", Path("missing.toml"))])
def test_a_mode_that_cannot_be_is_a_sentence(small_library: Path, auth: str, oidc: Path | None) -> None:
    with pytest.raises((UsageError, FileProblemError)) as caught:
        serve_dashboard(small_library, auth=auth, oidc=oidc)
    assert all(caught.value.words(lang) for lang in ("zh", "en"))


def test_reading_is_the_default() -> None:
    assert environment(Path("library"), "zh")["FACTORDB_AUTH"] == "read"


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────


def seated(page: Open, monkeypatch: pytest.MonkeyPatch, library: Path, name: str, person: str = "") -> AppTest:
    monkeypatch.setenv("FACTORDB_AUTH", "dev")
    app = page(library, name, "en")
    if person:
        app.selectbox(key="desk.choice").set_value(person).run()
    return app


def labels(app: AppTest) -> set[str]:
    return {one.label for one in app.button}


def test_in_development_mode_people_say_who_they_are(
    page: Open, monkeypatch: pytest.MonkeyPatch, peopled: Path
) -> None:
    app = seated(page, monkeypatch, peopled, "help", "li.si")
    assert any("李四" in one.value for one in app.markdown)
    assert any("本机开发模式 / local development mode" in one.value for one in app.markdown)


def test_an_administrator_adds_a_person_and_others_cannot(
    page: Open, monkeypatch: pytest.MonkeyPatch, peopled: Path
) -> None:
    assert "Add" not in labels(seated(page, monkeypatch, peopled, "people", "li.si"))
    assert "Add" not in labels(seated(page, monkeypatch, peopled, "people"))
    app = seated(page, monkeypatch, peopled, "people", "root")
    app.text_input[0].set_value("wang.wu")
    app.text_input[1].set_value("<script>王五</script>")
    app.text_input[2].set_value("丙院")
    app.multiselect(key="people.add.roles").set_value(["curator"])
    next(one for one in app.button if one.label == "Add").click().run()
    assert app.exception == []
    added = next(one for one in Library.open(peopled).people() if one["person_id"] == "wang.wu")
    assert added["roles"] == ["curator"]


def test_the_first_person_of_a_library_is_its_administrator(
    page: Open, monkeypatch: pytest.MonkeyPatch, small_library_copy: Path
) -> None:
    app = seated(page, monkeypatch, small_library_copy, "people")
    app.text_input[0].set_value("root")
    app.text_input[2].set_value("甲院")
    next(one for one in app.button if one.label == "Add").click().run()
    assert app.exception == []
    assert [one["roles"] for one in Library.open(small_library_copy).people()] == [["administrator"]]
    assert app.selectbox(key="desk.choice").value == "root"


def test_a_forged_session_is_refused_by_the_library(page: Open, monkeypatch: pytest.MonkeyPatch, peopled: Path) -> None:
    """A button that stayed on a page acts as a person whose role was taken away meanwhile."""
    app = seated(page, monkeypatch, peopled, "people", "root")
    door = Library.open(peopled)
    door.add_person("second", organisation="甲院", roles=["administrator"], actor="root")
    door.change_person("root", roles=[], actor="second")
    app.text_input[0].set_value("evil")
    app.text_input[2].set_value("丁院")
    next(one for one in app.button if one.label == "Add").click().run()
    assert "evil" not in {one["person_id"] for one in door.people()}


def test_reading_mode_shows_no_person_and_nothing_to_press(page: Open, peopled: Path) -> None:
    app = page(peopled, "people", "en")
    assert not [one for one in app.selectbox if one.key == "desk.choice"]
    assert labels(app) == set()


def test_after_half_an_hour_nobody_is_at_the_desk(page: Open, monkeypatch: pytest.MonkeyPatch, peopled: Path) -> None:
    app = seated(page, monkeypatch, peopled, "help", "li.si")
    app.session_state["desk.last"] -= IDLE_MINUTES * 60 + 1
    app.run()
    assert app.selectbox(key="desk.choice").value == ""
    assert not any("李四" in one.value for one in app.markdown)


@pytest.mark.parametrize("known", [True, False])
def test_a_login_has_the_roles_of_its_person_and_a_stranger_none(
    page: Open, monkeypatch: pytest.MonkeyPatch, peopled: Path, known: bool
) -> None:
    if known:
        bind_login(Library.open(peopled), "li.si", "li.si@example.org", actor="root")
    said = claims(email="li.si@example.org", email_verified=True, name="**admin**", roles=["administrator"])
    monkeypatch.setattr(st, "user", SimpleNamespace(to_dict=lambda: said))
    monkeypatch.setenv("FACTORDB_AUTH", "oidc")
    app = page(peopled, "help", "en")
    assert app.exception == []
    told = "\n".join(one.value for one in app.markdown)
    assert ("李四" in told) is known
    assert ("not a person of this library" in told) is not known
    assert "administrator" not in told.split("Keyboard")[0] or known is False
    assert "Log out" in labels(app)


def test_before_a_login_there_is_only_the_way_in(page: Open, monkeypatch: pytest.MonkeyPatch, peopled: Path) -> None:
    monkeypatch.setattr(st, "user", SimpleNamespace(to_dict=lambda: {"is_logged_in": False}))
    monkeypatch.setenv("FACTORDB_AUTH", "oidc")
    app = page(peopled, "people", "en")
    assert labels(app) == {"Log in"}


def test_a_login_left_for_half_an_hour_is_logged_out(
    page: Open, monkeypatch: pytest.MonkeyPatch, peopled: Path
) -> None:
    said = claims(email="li.si@example.org", email_verified=True)
    monkeypatch.setattr(st, "user", SimpleNamespace(to_dict=lambda: said))
    monkeypatch.setenv("FACTORDB_AUTH", "oidc")
    gone: list[bool] = []
    monkeypatch.setattr(st, "logout", lambda: gone.append(True))
    app = page(peopled, "help", "en")
    assert gone == []
    app.session_state["desk.last"] -= IDLE_MINUTES * 60 + 1
    app.run()
    assert gone == [True]


def test_rights_that_were_taken_away_are_gone_at_the_next_act(
    page: Open, monkeypatch: pytest.MonkeyPatch, peopled: Path
) -> None:
    """Roles are the library's rows, read anew: a session that began with more rights has them no longer."""
    door = Library.open(peopled)
    bind_login(door, "root", "root@example.org", actor="root")
    said = claims(email="root@example.org", email_verified=True)
    monkeypatch.setattr(st, "user", SimpleNamespace(to_dict=lambda: said))
    monkeypatch.setenv("FACTORDB_AUTH", "oidc")
    app = page(peopled, "people", "en")
    assert "Add" in " ".join(labels(app))
    door.add_person("second", organisation="x", roles=["administrator"], kinds=[], actor="root")
    door.change_person("root", roles=["submitter"], kinds=[], actor="second")
    app.run()
    assert "Add" not in " ".join(labels(app))


def test_the_page_on_logins_names_every_setting_that_is_needed() -> None:
    for name in ("login.md", "login.en.md"):
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert all(f"{one} = " in text for one in NEEDED)
        assert str(IDLE_MINUTES) in text
