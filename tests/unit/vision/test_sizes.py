"""What the sizes of packets tell, and whether they tell anything."""

from __future__ import annotations

import numpy as np

from custos.vision.sizes import PacketSizes

GOP = 10


def group(
    sizes: PacketSizes, chance: np.random.Generator, *, factor: float = 1.0, only: int | None = None
) -> list[bool]:
    """One group of pictures: a key frame, then inter pictures whose sizes depend on their place, and on chance."""
    told = [sizes.update(30_000, is_keyframe=True)]
    for place in range(GOP - 1):
        size = (900 + 250 * place) * chance.normal(1, 0.04)
        told.append(sizes.update(round(size * (factor if only in (None, place) else 1.0)), is_keyframe=False))
    return told


def quiet(groups: int = 12) -> tuple[PacketSizes, np.random.Generator]:
    sizes, chance = PacketSizes(), np.random.default_rng(3)
    for _ in range(groups):
        assert not any(group(sizes, chance))
        sizes.was_quiet()
    return sizes, chance


def test_of_what_it_has_not_learned_it_tells_nothing() -> None:
    sizes = PacketSizes()
    assert not sizes.is_telling
    assert not any(group(sizes, np.random.default_rng(1), factor=50))
    sizes.was_moving(rose=False)
    assert not sizes.is_telling


def test_quiet_sizes_tell_nothing_for_minutes() -> None:
    sizes, chance = quiet(200)
    assert sizes.is_telling
    assert not any(group(sizes, chance))


def test_larger_pictures_tell_within_three() -> None:
    sizes, chance = quiet()
    told = group(sizes, chance, factor=1.4)
    assert any(told[:5])
    assert told[-1]


def test_one_large_picture_alone_tells_nothing() -> None:
    sizes, chance = quiet()
    assert not any(group(sizes, chance, factor=3, only=4))


def test_a_level_that_has_changed_for_good_is_learned() -> None:
    sizes, chance = quiet()
    for _ in range(30):
        group(sizes, chance, factor=1.5)
        sizes.was_quiet()
    assert not any(group(sizes, chance, factor=1.5))


def test_a_stream_whose_sizes_miss_movements_is_not_believed_until_they_tell_again() -> None:
    sizes, _ = quiet()
    sizes.was_moving(rose=False)
    assert not sizes.is_telling
    for _ in range(2):
        sizes.was_moving(rose=True)
    assert sizes.is_telling
    for _ in range(12):
        sizes.was_moving(rose=True)
    sizes.was_moving(rose=False)
    assert sizes.is_telling, "one miss among many is forgiven"


def test_many_places_share_the_last_level() -> None:
    sizes = PacketSizes()
    sizes.update(30_000, is_keyframe=True)
    for number in range(300):
        assert not sizes.update(1000 + number % 7, is_keyframe=False)
        if number % 10 == 9:
            sizes.was_quiet()
    assert sizes.is_telling
    assert any(sizes.update(4000, is_keyframe=False) for _ in range(3))
