"""Who may act in a library, and how it decides, as the administrator's verbs: people with their roles, and the mode."""

from collections.abc import Sequence

from factordb.consulting import Consulting
from factordb.errors import NotFoundError, NotPermittedError, UsageError
from factordb.model.workflow import Kind, Person, clashes, words
from factordb.store import people
from factordb.store import records as record_store


class Governing(Consulting):
    """The verbs on people and mode."""

    def declare_mode(self, mode: str, *, actor: str = "operator") -> None:
        """Declare how the library decides. Once there are people, only an administrator changes it.

        Raises:
            UsageError: there is no such mode.
            NotPermittedError: the library has people and `actor` is no administrator of it.
        """
        if mode not in people.MODES:
            raise NotFoundError("mode", mode, known=", ".join(people.MODES))
        with record_store.session(self.records) as opened:
            if people.mode(opened) == mode:
                return
            if people.people(opened) or people.mode(opened) == people.REVIEWED:
                self._administrator(opened, actor)
            people.declare(opened, mode, actor=actor)

    def add_person(
        self,
        person_id: str,
        *,
        name: str = "",
        organisation: str,
        roles: Sequence[str],
        kinds: Sequence[str] = (),
        actor: str = "",
    ) -> None:
        """Add a person. The first of a library is its administrator and adds themselves; then the administrator does.

        Raises:
            UsageError: the person is there already, or a role or kind is unknown, or roles exclude each other.
            NotPermittedError: `actor` is no administrator.
        """
        with record_store.session(self.records) as opened:
            known = people.people(opened)
            if person_id in known:
                raise misuse(
                    f"there is a person {person_id!r} already", "use `factordb review person change`",
                    f"已有人员 {person_id}", "请用 `factordb review person change` 修改",
                )  # fmt: skip
            added = _person(person_id, organisation, roles, kinds)
            if known:
                self._administrator(opened, actor)
            elif "administrator" not in added.roles:
                raise misuse(
                    "the first person of a library is its administrator", "add the administrator first",
                    "库的第一位人员须为管理员", "请先添加管理员",
                )  # fmt: skip
            people.put(opened, added, name or person_id, new=True, actor=actor or person_id)

    def change_person(
        self,
        person_id: str,
        *,
        name: str | None = None,
        organisation: str | None = None,
        roles: Sequence[str] | None = None,
        kinds: Sequence[str] | None = None,
        actor: str,
    ) -> None:
        """Change a person from now on; without roles they have left. Nobody changes their own rights.

        Raises:
            NotFoundError: there is no such person.
            NotPermittedError: `actor` is no administrator, or is this person.
        """
        with record_store.session(self.records) as opened:
            self._administrator(opened, actor)
            old = people.people(opened).get(person_id)
            if old is None:
                raise NotFoundError("person", person_id, known=", ".join(people.people(opened)))
            if actor == person_id:
                raise NotPermittedError(
                    problem="nobody changes their own rights",
                    remedy="ask another administrator",
                    problem_zh="不得更改本人的权限",
                    remedy_zh="请由另一位管理员办理",
                )
            row = next(one for one in people.rows(opened) if one.person_id == person_id)
            changed = _person(
                person_id,
                old.organisation if organisation is None else organisation,
                sorted(old.roles) if roles is None else roles,
                sorted(old.kinds) if kinds is None else kinds,
            )
            people.put(opened, changed, row.name if name is None else name, new=False, actor=actor)

    def _administrator(self, opened: record_store.Session, actor: str) -> None:
        who = people.people(opened).get(actor)
        if who is None or "administrator" not in who.roles:
            raise NotPermittedError(
                problem="people and the mode of a library are the administrator's business",
                remedy="ask the administrator, or act as one with --as",
                problem_zh="人员与运行方式由管理员管理",
                remedy_zh="请联系管理员，或以 --as 指明管理员身份",
            )


def _person(person_id: str, organisation: str, roles: Sequence[str], kinds: Sequence[str]) -> Person:
    for role in roles:
        if role not in words("roles"):
            raise NotFoundError("role", role, known=", ".join(words("roles")))
    clash = clashes(frozenset(roles))
    if clash:
        named = [words("roles")[role] for role in clash]
        raise misuse(
            f"{named[0]['en']} goes with none of: {', '.join(one['en'] for one in named[1:])}",
            "give these rights to two persons",
            f"{named[0]['zh']}不得兼任：{'、'.join(one['zh'] for one in named[1:])}",
            "请由两人分别担任",
        )
    if not person_id.strip() or not organisation.strip():
        raise misuse("a person has an id and an organisation", "give both", "人员须有标识与所属单位", "请一并填写")
    return Person(person_id, organisation, frozenset(roles), frozenset(kind_of(kind) for kind in kinds))


def kind_of(kind: str) -> Kind:
    """Return a kind of review by its name.

    Raises:
        NotFoundError: there is no such kind.
    """
    if kind not in set(Kind):
        raise NotFoundError("kind of review", kind, known=", ".join(Kind))
    return Kind(kind)


def misuse(problem: str, remedy: str, problem_zh: str, remedy_zh: str) -> UsageError:
    """Return a fault of use in both languages."""
    return UsageError(problem=problem, remedy=remedy, problem_zh=problem_zh, remedy_zh=remedy_zh)
