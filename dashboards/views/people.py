"""人员 people: who may act, in which roles, by which login, and how the library decides. The administrator's page."""

import streamlit as st

from dashboards import address, asking, desk, shown
from dashboards.safe import escaped, seen
from dashboards.words import language, t
from factordb.dashboard import Auth, bind_login, logins_of, route_words

MODES = ("single-operator", "reviewed")


def page() -> None:
    """Draw the page."""
    st.title(t("page.people"), anchor=False)
    st.caption(t("people.intro"))
    known = asking.library().people()
    _list(known)
    _mode()
    if desk.mode() is Auth.READ:
        st.info(t("people.read_only"), icon=":material/visibility:")
    elif known and not desk.may("administrator"):
        st.info(t("people.administrator_only"), icon=":material/lock:")
    else:
        _add(first=not known)
        if known:
            _change([one["person_id"] for one in known])
            _login([one["person_id"] for one in known])
            _declare()
    shown.here_and_there(address.link("people"), "factordb review person list", "library.people()")


def _list(known: list[dict[str, object]]) -> None:
    logins = logins_of(asking.library())
    lines = [
        {
            "person": seen(one["person_id"]),
            "name": seen(one["name"]),
            "organisation": seen(one["organisation"]),
            "roles": _words("roles", one["roles"]) or t("people.left"),
            "kinds": _words("kinds", one["kinds"]) or "—",
            "login": seen(", ".join(logins.get(str(one["person_id"]), ()))) or "—",
        }
        for one in known
    ]
    if not lines:
        st.info(t("people.nobody"), icon=":material/group_add:")
        return
    columns = {one: t(f"column.{one}") for one in ("person", "name", "organisation", "roles", "kinds", "login")}
    columns["name"] = t("people.name")
    shown.table(lines, columns, key=f"people-{len(lines)}-{hash(str(lines))}", alt=t("page.people"))


def _words(part: str, names: object) -> str:
    words = route_words(part)
    listed = names if isinstance(names, (list, tuple)) else ()
    return t("desk.and").join(words.get(name, {}).get(language(), name) for name in listed)


def _mode() -> None:
    mode = asking.library().mode()
    st.markdown(t("people.mode", mode=t(f"mode.{mode.replace('-', '_')}")))
    st.caption(t(f"modemeans.{mode.replace('-', '_')}"))


def _rights(key: str) -> tuple[list[str], list[str]]:
    return _several("roles", key), _several("kinds", key)


def _several(part: str, key: str) -> list[str]:
    named = {name: words[language()] for name, words in route_words(part).items()}
    return st.multiselect(
        t(f"column.{part}"),
        list(named),
        key=f"{key}.{part}",
        format_func=named.__getitem__,
        placeholder=t("people.choose"),
    )


def _add(*, first: bool) -> None:
    turn = st.session_state.get("people.turn", 0)
    key = f"people.add.{turn}" if turn else "people.add"
    with st.form(key, clear_on_submit=False):  # what was refused stays as typed; after a success the form is another
        st.markdown(f"**{t('people.add_first' if first else 'people.add')}**")
        person = st.text_input(t("column.person"), placeholder=t("people.id_hint"), max_chars=64)
        name = st.text_input(t("people.name"), placeholder=t("people.name_hint"), max_chars=100)
        organisation = st.text_input(t("column.organisation"), placeholder=t("people.organisation_hint"), max_chars=200)
        roles, kinds = (["administrator"], []) if first else _rights(key)
        if st.form_submit_button(t("people.add_now"), icon=":material/person_add:"):
            asking.library().add_person(
                person.strip(), name=name, organisation=organisation, roles=roles, kinds=kinds, actor=desk.acting()
            )
            st.session_state["people.turn"] = turn + 1
            if first:
                desk.sit(person.strip())
            st.rerun()


def _change(people: list[str]) -> None:
    with st.expander(t("people.change")):
        person = st.selectbox(t("column.person"), people, key="people.change.who")
        roles, kinds = _rights("people.change")
        st.caption(t("people.change_note"))
        if st.button(t("people.change_now")):
            asking.library().change_person(str(person), roles=roles, kinds=kinds, actor=desk.acting())
            st.rerun()


def _login(people: list[str]) -> None:
    with st.expander(t("people.login")):
        st.caption(t("people.login_note"))
        person = st.selectbox(t("column.person"), people, key="people.login.who")
        login = st.text_input(t("column.login"), key="people.login.name", placeholder=t("people.login_hint"))
        if st.button(t("people.login_now")):
            bind_login(asking.library(), str(person), login, actor=desk.acting())
            st.success(t("people.login_done", who=escaped(person), login=escaped(login)))


def _declare() -> None:
    with st.expander(t("people.declare")):
        now = asking.library().mode()
        mode = st.radio(
            t("people.declare"), MODES, index=MODES.index(now), key="people.mode",
            format_func={one: t(f"mode.{one.replace('-', '_')}") for one in MODES}.__getitem__,
        )  # fmt: skip
        if st.button(t("people.declare_now"), disabled=mode == now):
            asking.library().declare_mode(str(mode), actor=desk.acting())
            st.rerun()


page()
