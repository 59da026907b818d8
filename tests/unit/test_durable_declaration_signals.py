"""What a signal declares for durable receivers: its ordering key and the names it had."""

import pytest
from django.utils.functional import SimpleLazyObject
from gallery.models import Painting, SmallPainting

from heliograph import Signal, signal
from heliograph.errors import PayloadError, SignalDeclarationError


def number_of(*, number, **named):
    return number


class TestKey:
    @pytest.mark.parametrize(
        ("value", "key"),
        [
            (7, "7"),
            ("seven", "seven"),
            (None, None),
            (Painting(pk=7), "gallery.Painting:7"),
            (SmallPainting(pk=7), "gallery.Painting:7"),
            (SimpleLazyObject(lambda: Painting(pk=7)), "gallery.Painting:7"),
            (Painting(), None),
        ],
        ids=["number", "text", "none", "row", "row of a proxy", "lazy row", "unsaved"],
    )
    @pytest.mark.parametrize("declared", ["number", number_of], ids=["argument", "function"])
    def test_is_the_text_of_an_argument_or_of_what_a_function_returns(self, declared, value, key):
        assert Signal(key=declared).ordering_key({"number": value, "other": 1}) == key

    def test_without_one_there_is_no_order(self):
        assert Signal().ordering_key({"number": 7}) is None

    def test_an_argument_that_is_not_sent_is_named(self):
        with pytest.raises(PayloadError, match=r"test\.opened is sent without 'number', which is its key") as caught:
            Signal(name="test.opened", key="number").ordering_key({})
        assert (caught.value.signal, caught.value.argument) == ("test.opened", "number")

    @pytest.mark.parametrize("key", [7, "", "two words", ["number"]], ids=repr)
    def test_what_is_none_is_refused(self, key):
        with pytest.raises(SignalDeclarationError, match="The key of a signal is"):
            Signal(key=key)

    def test_of_a_typed_signal(self):
        @signal(key="number", name="test.paid", aliases=["test.payed"])
        def paid(*, number: int, method: str = "card") -> None:
            """Paid."""

        assert paid.ordering_key({"number": 7}) == "7"
        assert (paid.name, paid.aliases, paid.__doc__) == ("test.paid", ("test.payed",), "Paid.")

    def test_of_a_typed_signal_is_one_of_its_parameters(self):
        with pytest.raises(SignalDeclarationError, match=r"paid .*'numbre' is none of .* Did you mean 'number'\?"):

            @signal(key="numbre")
            def paid(*, number: int) -> None: ...

    def test_function_of_a_typed_signal_takes_its_parameters(self):
        signal(key=number_of)(payment)
        with pytest.raises(SignalDeclarationError, match=r"number_of does not take them: missing .*'number'"):
            signal(key=number_of)(opening)


def payment(*, number: int, method: str) -> None: ...


def opening(*, door: int) -> None: ...


class TestAliases:
    def test_are_kept(self):
        assert Signal(aliases=["shop.open", "shop.unlocked"]).aliases == ("shop.open", "shop.unlocked")
        assert Signal().aliases == ()

    @pytest.mark.parametrize("aliases", ["shop.open", None, 7, [7], [""]], ids=repr)
    def test_what_is_no_list_of_names_is_refused(self, aliases):
        with pytest.raises(SignalDeclarationError, match=r"The (aliases|name) of a signal"):
            Signal(aliases=aliases)


def test_a_bare_decorator_and_one_with_brackets_are_the_same():
    bare, brackets = signal(payment), signal()(payment)
    assert bare.signature == brackets.signature
    assert bare.ordering_key({"number": 7}) is brackets.ordering_key({"number": 7}) is None
