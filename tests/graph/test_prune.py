"""What nothing is made of is left out; what a branch takes from outside stays."""

from __future__ import annotations

from onnx import helper

from tocsin.graph.prune import needed


def test_what_leads_nowhere_is_left_out() -> None:
    used = helper.make_node("Abs", ["window"], ["a"])
    idle = helper.make_node("Neg", ["b"], ["c"])
    last = helper.make_node("Add", ["a", "constant"], ["score"])
    nodes, taken = needed([helper.make_node("Exp", ["window"], ["b"]), used, idle, last], ["score"])
    assert nodes == [used, last]
    assert taken == {"score", "a", "constant", "window"}


def test_a_node_with_one_wanted_result_of_two_stays() -> None:
    split = helper.make_node("Split", ["window"], ["left", "right"])
    assert needed([split], ["right"])[0] == [split]


def test_what_a_branch_takes_stays() -> None:
    outer = [helper.make_node("Abs", ["window"], ["a"]), helper.make_node("Neg", ["window"], ["b"])]
    yes = helper.make_graph(
        [helper.make_node("Exp", ["a"], ["x"])], "yes", [], [helper.make_empty_tensor_value_info("x")]
    )
    no = helper.make_graph([], "no", [], [helper.make_empty_tensor_value_info("b")])
    choice = helper.make_node("If", ["always"], ["score"], then_branch=yes, else_branch=no)
    assert needed([*outer, choice], ["score"])[0] == [*outer, choice]
