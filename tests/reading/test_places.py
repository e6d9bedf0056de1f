"""The gazetteer: names to places, with GeoNames ids."""

import pytest

from kg.reading.places import Place, lookup


def found(name: str) -> Place:
    place = lookup(name)
    assert place is not None, name
    return place


@pytest.mark.parametrize("name", ["Kyiv", "Kiev", "KYIV", "kyiv", "Kyiv’s"])
def test_a_city_is_found_under_its_spellings(name: str) -> None:
    place = found(name)
    assert (place.name, place.geonames, place.country, place.kind) == ("Kyiv", 703448, "UA", "capital")


def test_a_position_is_in_degrees() -> None:
    place = found("Kyiv")
    assert place.latitude == pytest.approx(50.45, abs=0.1)
    assert place.longitude == pytest.approx(30.52, abs=0.1)


@pytest.mark.parametrize("name", ["United States", "the United States", "US", "U.S.", "USA", "America"])
def test_a_country_is_found_under_its_names(name: str) -> None:
    assert (found(name).country, found(name).kind) == ("US", "country")


def test_a_country_goes_before_a_state_of_its_name_and_a_great_city_before_a_small_one() -> None:
    assert found("Georgia").country == "GE"
    assert found("Paris").country == "FR"
    assert found("London").country == "GB"


@pytest.mark.parametrize("name", ["us", "", "the", "Nowhere in Particular", "’s"])
def test_words_that_name_no_place_are_none(name: str) -> None:
    assert lookup(name) is None


def test_accents_do_not_matter() -> None:
    assert found("Sao Paulo") == found("São Paulo")
