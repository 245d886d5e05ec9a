"""Words of what holds a candidate back: a broken rule, a refusal at intake, or a reason of the policy."""

from factordb.checks import words_of
from factordb.checks.base import fill
from factordb.rating.policy import load_policy
from factordb.rating.promotion import reason_words

_OURS = {
    "PREFERRED_OTHER": {
        "zh": "同一事物、同一年份另有按条款（五）次序更优先的候选",
        "fix_zh": "无需处理；如认为本条更优，请补充核验或不确定性依据",
        "en": "another candidate for the same thing and year stands higher in the order of clause (五)",
        "fix_en": "nothing to do; supply verification or uncertainty evidence if this one should win",
    },
    "ELIGIBLE": {"zh": "合格", "fix_zh": "", "en": "eligible", "fix_en": ""},
}


def reason_text(code: str, *, found: object = None, policy: str = "") -> dict[str, str]:
    """Return zh, en, fix_zh, fix_en of a code: of a rule its requirement, of a policy its reason with its limit.

    Args:
        code: of a rule, a refusal or a policy's reason.
        found: what was read, for refusals that quote it.
        policy: name of the promotion policy whose limit is quoted.
    """
    if code in _OURS:
        return dict(_OURS[code])
    try:
        words = words_of(code)
    except KeyError:
        limits = load_policy(policy) if policy else None
        (zh, fix_zh), (en, fix_en) = reason_words(code, "zh", limits), reason_words(code, "en", limits)
        return {"zh": zh, "fix_zh": fix_zh, "en": en, "fix_en": fix_en}
    facts = {"found": found, "expected": words.get("expected", "")}
    named = {
        lang: words.get(f"title_{lang}") or fill(words[lang].replace("{found!r}", "{found}"), facts)
        for lang in ("zh", "en")
    }
    return {**named, "fix_zh": fill(words["fix_zh"], facts), "fix_en": fill(words["fix_en"], facts)}
