"""Random expressions that can be parsed, and small documents for them."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

LEAVES = [
    "a", "b", "c", "@", "a.b", "a[0]", "b[-1]", "c.a", "'x'", "'ab'", "`0`", "`1`", "`1.5`",
    "`null`", "`true`", "`[]`", "`{}`", "`[1, 2]`", '`{"a": 1}`', "'1'",
]  # fmt: skip
UNARY = [
    "!{0}", "({0})", "{0}.a", "{0}.b", "{0} | @", "{0} | [0]", "length({0})", "type({0})",
    "to_array({0})", "abs({0})", "ceil({0})", "floor({0})", "not_null({0})", "to_string({0})",
    "to_number({0})", "keys({0})", "values({0})", "sort({0})", "reverse({0})", "sum({0})",
    "avg({0})", "max({0})", "min({0})", "{0}[*]", "{0}[]", "{0}.*", "({0})[1:]", "({0})[::-1]",
    "sort_by({0}, &a)", "max_by({0}, &a)", "min_by({0}, &a)", "map(&a, {0})", "({0})[?a]",
]  # fmt: skip
BINARY = [
    "{0} == {1}", "{0} != {1}", "{0} < {1}", "{0} >= {1}", "{0} && {1}", "{0} || {1}",
    "[{0}, {1}]", "{{a: {0}, b: {1}}}", "contains({0}, {1})", "starts_with({0}, {1})",
    "ends_with({0}, {1})", "join({0}, {1})", "merge({0}, {1})", "not_null({0}, {1})",
    "({0}) | ({1})",
]  # fmt: skip

_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 10**20),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.sampled_from(["", "x", "ab", "aab", "1", "é\n"]),
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=12,
)
DOCUMENTS = st.fixed_dictionaries({"a": _VALUES, "b": _VALUES, "c": _VALUES})


def expressions(
    leaves: SearchStrategy[str] | None = None, max_leaves: int = 8
) -> SearchStrategy[str]:
    def extend(inner: SearchStrategy[str]) -> SearchStrategy[str]:
        unary = st.builds(lambda form, operand: form.format(operand), st.sampled_from(UNARY), inner)
        binary = st.builds(
            lambda form, operand, other: form.format(operand, other),
            st.sampled_from(BINARY),
            inner,
            inner,
        )
        return st.one_of(unary, binary)

    return st.recursive(leaves or st.sampled_from(LEAVES), extend, max_leaves=max_leaves)
