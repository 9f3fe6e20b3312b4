"""What a patient is found by."""

import datetime as dt
import unicodedata
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis import assume, given
from hypothesis import strategies as st

from clinic.records.partial_dates import PartialDate
from clinic.records.text import cleaned, search_key, words_of
from patients.models import Patient, PatientKey
from patients.people import search
from tests import builders

pytestmark = pytest.mark.engine


def found_by(query):
    return list(Patient.objects.found_by(query))


def is_found(patient, query):
    """The search without a database: each word of the query begins one of the keys."""
    words, keys = search.prefixes(query), search.keys_of(patient)
    return bool(words) and all(any(key.startswith(prefix) for key in keys for prefix in word) for word in words)


def an_unsaved_patient(**details):
    return SimpleNamespace(
        **{
            "family_name": "Okafor",
            "given_name": "Grace",
            "record_number": "CD-004417",
            "date_of_birth": PartialDate("1969-03-14"),
            "phone": "",
            **details,
        }
    )


NAMES = {
    "soderstrom": ("Söderström", "Åsa"),
    "SÖDERSTRÖM": ("Soderstrom", "Asa"),
    "istanbul": ("İstanbul", "Işıl"),
    "isil": ("İstanbul", "Işıl"),
    "lodz": ("Łódź", "Władysław"),
    "wladyslaw": ("Łódź", "Władysław"),
    "strasse": ("Straße", ""),
    "oystein aegir": ("Ægir", "Øystein"),
    "thorunn": ("Þórunn", "Jónsdóttir"),
    "dokic": ("Đokić", "Novak"),
    "oneill": ("O’Neill", "Siobhán"),
    "o'neill": ("O’Neill", "Siobhán"),
    "o neill": ("O’Neill", "Siobhán"),
    "neill": ("O’Neill", "Siobhán"),
    "vandenberg": ("van den Berg", "Joke"),
    "berg van": ("van den Berg", "Joke"),
    "jean luc": ("Marie-Claire", "Anne Jean-Luc"),
    "jeanluc": ("Marie-Claire", "Anne Jean-Luc"),
    "sukarno": ("Sukarno", ""),
    "محمد": ("الأحمد", "محمد"),
    "الاحمد": ("الأحمد", "محمد"),
    "علیرضا": ("محمدي", "علی‌رضا"),
    "علي رضا": ("محمدي", "علی‌رضا"),
    "כהן": ("כֹּהֵן", "דוד"),
    "李娜": ("李", "娜"),
    "김": ("김", "민준"),
    "नेहा": ("शर्मा", "नेहा"),
    "ทิพย์": ("ทิพย์วรรณ", "สุดา"),
    "ελενη": ("Παπαδοπούλου", "Ελένη"),
    "nguyen thi": ("Nguyễn", "Thị Hoa"),
    "g oka": ("Okafor", "Grace"),
    "oka gra": ("Okafor", "Grace"),
}


@pytest.mark.parametrize(("query", "name"), NAMES.items(), ids=NAMES)
@pytest.mark.sample(3)
def test_name_is_found_as_people_type_it(query, name, db):
    # Given a patient of that name, and another
    patient = builders.a_patient(family_name=name[0], given_name=name[1])
    builders.a_patient(family_name="Zzyzx", given_name="Quux")

    # When it is typed, then that patient is found alone
    assert found_by(query) == [patient]


@pytest.mark.parametrize("letter", "æœøłđðþħıŋŧĸßƒǝəɓɗƙƴØŁĐİẞŒ")
def test_letters_without_decomposition_are_found_in_ascii(letter):
    assert search_key(letter).isascii()


def test_vowel_signs_do_not_separate_words():
    assert len(words_of("नेहा शर्मा")) == len(words_of("ทิพย์วรรณ สุดา")) == 2


BIRTH_DATES = [
    "14 Mar 1969", "14 March 1969", "14. March 1969", "14th March 1969", "March 14, 1969", "Mar 14 1969",
    "14-Mar-1969", "14mar1969", "14 Mar 69", "1969 Mar 14", "1969-03-14", "1969/3/14", "1969.03.14", "14.3.1969",
    "14.03.1969", "14. 3. 1969", "14/03/1969", "14/3/69", "14-03-1969", "14 03 1969", "3/14/1969", "03/14/1969",
    "19690314", "14031969", "03141969", "1969", "196903", "١٤/٣/١٩٦٩",
]  # fmt: skip


@pytest.mark.parametrize("query", BIRTH_DATES)
@pytest.mark.sample(3)
def test_birth_date_is_found_in_each_spelling(query, db):
    patient = builders.a_patient(date_of_birth=dt.date(1969, 3, 14))
    builders.a_patient(date_of_birth=dt.date(1981, 9, 19), record_number="X-1")
    assert found_by(query) == [patient]


@given(st.dates(min_value=dt.date(1880, 1, 1), max_value=dt.date(2026, 1, 1)))
def test_every_birth_date_is_found_in_common_spellings(day):
    patient = an_unsaved_patient(date_of_birth=PartialDate(day.isoformat()), record_number="-")
    for spelling in (
        "%Y-%m-%d",
        "%-d.%-m.%Y",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%-d %b %Y",
        "%-d %B %Y",
        "%B %-d, %Y",
        "%d%m%Y",
    ):
        assert is_found(patient, day.strftime(spelling)), spelling


RECORD_NUMBERS = {
    "CD-004417": ["cd-004417", "CD004417", "004417", "4417", "cd 4417", "cd4417", "cd-0044"],
    "2019/0044": ["2019/0044", "20190044", "0044", "44 2019"],
    "12.03.1969": ["12.03.1969", "12031969"],
    "H 7.21b": ["h 7.21b", "7.21b", "721b", "21b"],
    "00123": ["00123", "123"],
}


@pytest.mark.parametrize(
    ("number", "query"), [(number, query) for number, queries in RECORD_NUMBERS.items() for query in queries]
)
@pytest.mark.sample(3)
def test_record_number_is_found_with_and_without_its_marks(number, query, db):
    patient = builders.a_patient(record_number=number, date_of_birth=dt.date(1950, 10, 10))
    builders.a_patient(record_number="ZZ-999999", date_of_birth=dt.date(1950, 10, 10))
    assert found_by(query) == [patient]


PHONES = {
    "+44 (0)20 7946 0018": ["020 7946 0018", "02079460018", "+44 20 7946 0018", "+442079460018", "0044 20 7946 0018",
                            "+44 (0)20 7946 0018", "7946 0018", "0018", "(020) 7946-0018"],
    "020 7946 0018": ["020 7946 0018", "02079460018", "+44 20 7946 0018", "+442079460018", "7946 0018", "020 79"],
    "01 23 45 67 89": ["01 23 45 67 89", "0123456789", "01.23.45.67.89", "+33 1 23 45 67 89", "45 67 89"],
    "٠٩١٢ ٣٤٥ ٦٧٨٩": ["0912 345 6789", "09123456789", "٠٩١٢ ٣٤٥ ٦٧٨٩"],
    "0555 014 417": ["okafor 0555 014 417", "0555/014417", "0555-014-417", "014417 grace"],
}  # fmt: skip


@pytest.mark.parametrize(("phone", "query"), [(phone, query) for phone, queries in PHONES.items() for query in queries])
@pytest.mark.sample(3)
def test_phone_number_is_found_with_and_without_prefixes(phone, query, db):
    patient = builders.a_patient(phone=phone, family_name="Okafor", given_name="Grace", record_number="A")
    builders.a_patient(phone="0999 999 999", family_name="Zzyzx", record_number="B")
    assert found_by(query) == [patient]


TWO_IDENTIFIERS = [
    "okafor 14.3.1969", "14 mar 1969 grace", "4417 14.3.1969", "CD-004417 1969", "4417 1969-03-14", "004417 14 3 1969",
    "okafor, grace (14/03/1969)", "grace okafor 0555 014 417 14 mar 1969 cd-004417",
]  # fmt: skip


@pytest.mark.parametrize("query", TWO_IDENTIFIERS)
def test_two_identifiers_can_be_combined(query, db):
    details = {"record_number": "CD-004417", "phone": "0555 014417"}
    patient = builders.a_patient(family_name="Okafor", given_name="Grace", **details)
    builders.a_patient(family_name="Okafor", given_name="Grace", date_of_birth=dt.date(1981, 9, 19))
    assert found_by(query) == [patient]


@pytest.mark.parametrize("query", ["okafor petra", "okafor 1970", "grace okafor 4418", "oka x"])
def test_all_words_must_match(query, db):
    builders.a_patient(family_name="Okafor", given_name="Grace", record_number="CD-004417")
    assert found_by(query) == []


@pytest.mark.parametrize(
    "query", ["", " ", "o", "é", "‘", "  o  ", "o'", "%", "__", "%%", "🙂", "🙂🙂", "\x00\x00", "--"]
)
def test_fewer_than_two_letters_find_no_patient(query, db):
    builders.a_patient(family_name="Okafor")
    assert not search.is_long_enough(query)
    assert found_by(query) == []


@pytest.mark.parametrize(
    "query", ["ok%", "o_afor", "%okafor", "okafor' --", 'okafor"', "okafor\\", "okafor🙂", "ok\x00afor"]
)
def test_marks_are_not_wildcards(query, db):
    """A mark separates words; it is not a wildcard."""
    patient, other = builders.a_patient(family_name="Okafor"), builders.a_patient(family_name="Oxafor")
    assert other not in found_by(query)
    assert set(found_by(query)) <= {patient}


def test_too_long_query_finds_no_patient(db):
    builders.a_patient(family_name="Aa", given_name="Bb")
    assert found_by("aa " * 200) == []
    assert found_by(" ".join(f"a{number}" for number in range(search.MOST_WORDS + 1))) == []
    assert len(found_by(" " * 5000 + "aa bb" + " " * 5000)) == 1


def test_renamed_patient_is_found_by_the_new_name_only(db):
    patient = builders.a_patient(family_name="Okafor")
    patient.family_name = "Halvorsen"
    patient.save()
    assert found_by("halvorsen") == [patient]
    assert found_by("okafor") == []


def test_longest_names_are_stored_and_found(db):
    """The key of one letter can have many letters."""
    patient = builders.a_patient(family_name="ﷺ" * 100, given_name="ß" * 100)
    assert found_by("ﷺ" * 100) == [patient]
    assert found_by("ß" * 30) == [patient]


def typed(text):
    try:
        return cleaned(text)
    except ValidationError:
        assume(False)


names = (
    st.text(
        st.characters(categories=["L", "M", "P", "Zs"], include_characters="\u200c\u200d’'"), min_size=1, max_size=40
    )
    .map(typed)
    .filter(words_of)
)


@given(family_name=names, given_name=names | st.just(""))
def test_every_prefix_of_a_name_finds_the_patient(family_name, given_name):
    patient = an_unsaved_patient(family_name=family_name, given_name=given_name)
    for word in f"{family_name} {given_name}".split():
        for end in range(1, len(word) + 1):
            if search.is_long_enough(word[:end]):
                assert is_found(patient, word[:end]), word[:end]
    if search.prefixes(f"{given_name} {family_name}"):
        assert is_found(patient, f"{given_name} {family_name}")


@given(names)
def test_case_and_unicode_form_do_not_matter(name):
    patient = an_unsaved_patient(family_name=name)
    assume(search.is_long_enough(name))
    for form in ("NFC", "NFD"):
        assert is_found(patient, unicodedata.normalize(form, name))
    assert is_found(patient, search_key(name))


@given(st.text(max_size=60))
def test_search_key_of_a_search_key_is_unchanged(text):
    assert search_key(search_key(text)) == search_key(text)


@given(st.text(max_size=400) | st.text(st.sampled_from("0123456789 +()./-marJune"), max_size=60))
def test_any_text_can_be_searched(text):
    for word in search.prefixes(text):
        assert word
        assert all(prefix and len(prefix) <= search.LONGEST_KEY for prefix in word)


def test_common_word_finds_some_and_two_words_find_all(db, monkeypatch):
    monkeypatch.setattr("patients.people.models.patient.MOST_KEYS", 3)
    people = [builders.a_patient(family_name="Okafor", given_name=name) for name in ("Ada", "Bea", "Cem", "Dan", "Eve")]

    assert list(Patient.objects.found_by("okafor")) == people[:3]
    assert list(Patient.objects.found_by(f"okafor {people[4].record_number}")) == [people[4]]
    assert set(Patient.objects.found_by(f"okafor {people[0].date_of_birth}")) == set(people)


def test_search_uses_the_index_of_keys(db):
    # Given some hundreds of keys
    for number in range(60):
        builders.a_patient(family_name=f"Family{number}", given_name="Zoë Anne", phone=f"0555 0{number:04d}")
    assert PatientKey.objects.count() > 500

    # When the database explains a search of two words
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE patients_patientkey")
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Patient.objects.found_by("fami 14.3.1969").explain()

    # Then it reads ranges of the index
    assert "patients_patientkey_by_key" in plan
    if connection.vendor == "sqlite":
        assert "(key>? AND key<?)" in plan
        assert "SCAN patients_patientkey" not in plan
    else:
        assert "Index Cond" in plan
        assert "Seq Scan on patients_patientkey" not in plan
