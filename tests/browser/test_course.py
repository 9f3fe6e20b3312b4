"""The course in the browser: recorded by keyboard and by touch, drawn, clicked, printed."""

import datetime as dt
import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from planning.course.actions.assessments import change_assessment
from planning.course.actions.findings import findings_of
from planning.models import AdverseEvent, Assessment, Response
from tests import builders
from tests.browser import pages
from tests.browser.scans import DESK, PHONE, assert_no_faults, faults, sideways
from tests.browser.test_prints import each_page_says_whose_it_is, muscles, print_of
from tests.browser.watch import REFUSED

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def patient():
    return builders.a_patient(family_name="Okafor", given_name="Grace", record_number="RN-COURSE-1")


@pytest.fixture
def visit(patient, neurologist):
    return builders.an_arrived_visit(patient=patient, clinician=neurologist, hour=9)


@pytest.fixture
def session(patient, neurologist):
    """Given and signed twelve weeks ago."""
    return builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12)


def stored():
    return Assessment.objects.active().for_page().get()


@pytest.mark.engine
def test_groups_save_themselves_and_show_a_conflict(browse, watch, neurologist, trainee, visit):
    watch.expects(REFUSED)
    page = browse(neurologist)
    page.goto(f"/visits/{visit.pk}/assessment/")
    expect(page.get_by_role("checkbox", name="Torticollis right")).to_be_focused()
    page.get_by_role("checkbox", name="Torticollis right").check()
    page.get_by_role("checkbox", name="Torticollis left").check()  # the other side is no longer selected
    page.get_by_label("Driving").press_sequentially("at night")  # leaving the posture saves it
    expect(pages.status(page)).to_have_text(pages.SAVED)  # and two seconds without a key save the text
    pages.all_is_saved(page)
    made = stored()
    assert (made.postures_text(), made.driving) == ("Torticollis left", "at night")

    # Another user changes the same group: both values are shown
    change_assessment(
        assessment=made, by=trainee, version=made.version, **{**findings_of(made), "scores": []}, driving="never"
    )
    page.get_by_label("Driving").fill("by day")
    page.get_by_label("Driving").blur()
    expect(page.get_by_text("Another user stored: Driving: never")).to_be_visible()
    expect(page.get_by_label("Driving")).to_have_value("by day")
    page.get_by_role("button", name="Keep what I typed").click()
    pages.all_is_saved(page)
    assert stored().driving == "by day"

    page.get_by_role("button", name="Mark the rest as absent").click()
    page.get_by_role("link", name="Back to the visit").click()  # saves before it leaves
    expect(page).to_have_url(re.compile(f"{visit.get_absolute_url()}$"))
    assert stored().symptoms.filter(presence="absent").count() == 12


@pytest.mark.full
@pytest.mark.engine
def test_postures_are_selected_by_touch_and_no_change_by_one_tap(phone, watch, neurologist, visit, session):
    watch.expects(REFUSED)
    earlier = builders.an_assessment(
        visit=session.visit, by=neurologist, postures=[("torticollis", "left")],
        scores=[(builders.an_instrument("Tsui"), 9)],
    )  # fmt: skip
    page = phone(neurologist)
    page.goto(f"/visits/{visit.pk}/assessment/")
    page.get_by_text("neck turned, the chin to the right").tap()
    expect(page.get_by_role("checkbox", name="Torticollis right")).to_be_checked()
    page.get_by_role("button", name="No change since").tap()
    expect(pages.status(page)).to_contain_text("Findings are selected here.")
    page.get_by_text("neck turned, the chin to the right").tap()
    page.get_by_role("button", name="No change since").tap()
    expect(page.get_by_role("checkbox", name="Torticollis left")).to_be_checked()
    expect(page.get_by_role("button", name="No change since")).to_have_count(0)
    made = Assessment.objects.for_page().get(visit=visit)
    assert (made.unchanged_since, made.postures_text(), made.scores_text()) == (
        earlier, "Torticollis left", "",
    )  # fmt: skip


@pytest.mark.full
def test_severity_is_asked_when_a_symptom_is_present(browse, neurologist, visit):
    page = browse(neurologist)
    page.goto(f"/visits/{visit.pk}/assessment/")
    pain = page.get_by_role("group", name="Head pain")
    expect(pain.get_by_label("How strong")).to_be_hidden()
    pain.get_by_label("Present").check()
    pain.get_by_label("How strong").select_option("moderate")
    pain.get_by_label("How often").select_option("often")
    page.get_by_role("link", name="Back to the visit").click()
    expect(page.get_by_text("Head pain (moderate, often)")).to_be_visible()


@pytest.mark.full
def test_response_shows_the_date_for_a_day_and_the_reverse(browse, neurologist, visit, session):
    page = browse(neurologist)
    page.goto(visit.get_absolute_url())
    page.get_by_role("link", name="Record the response").first.click()
    page.get_by_label("Response", exact=True).check()
    onset = page.get_by_role("group", name="Onset")
    onset.get_by_label("on day").fill("5")
    on = session.day_given + dt.timedelta(days=5)
    expect(onset.locator(".counted")).to_have_text(f"= {on.day} {on:%b %Y}")
    peak = page.get_by_role("group", name="Peak")
    on = session.day_given + dt.timedelta(days=14)
    peak.get_by_label("or on").fill(f"{on.day}.{on.month}.{on.year}")
    peak.get_by_label("or on").blur()
    expect(peak.locator(".date-text")).to_have_text(f"{on:%A} {on.day} {on:%B %Y}")
    expect(peak.locator(".counted")).to_have_text("= day 14")
    page.get_by_role("group", name="Pain").get_by_label("Marked").check()
    page.get_by_role("textbox", name="Patient’s words").fill("I can look over my shoulder.")
    page.get_by_role("group", name="Can these words").get_by_label("Yes").check()
    page.get_by_label("consent to share, on").fill(builders.today().isoformat())
    page.get_by_role("button", name="Save the response").click()
    expect(page.get_by_text("The response is saved.")).to_be_visible()
    response = Response.objects.get()
    assert (response.onset_day, response.peak_on, response.benefit_pain, response.share) == (
        5, session.day_given + dt.timedelta(days=14), "marked", "yes",
    )  # fmt: skip


@pytest.mark.full
def test_no_response_hides_the_days(browse, neurologist, visit, session):
    page = browse(neurologist)
    page.goto(f"/visits/{visit.pk}/sessions/{session.pk}/response/")
    page.get_by_label("No response").check()
    expect(page.get_by_role("group", name="Onset")).to_be_hidden()
    page.get_by_role("button", name="Save the response").click()
    expect(page.get_by_text("The response is saved.")).to_be_visible()


@pytest.mark.full
def test_adverse_event_is_recorded_from_the_visit(browse, neurologist, visit, session):
    builders.an_assessment(visit=session.visit, by=neurologist, symptoms=[("swallowing", "absent", "", "")])
    page = browse(neurologist)
    page.goto(visit.get_absolute_url())
    page.get_by_role("link", name="Adverse event …").first.click()
    expect(page.get_by_role("region", name="Before that treatment")).to_contain_text("Trouble swallowing")
    page.get_by_role("combobox", name="What").select_option("dysphagia")
    page.get_by_role("group", name="From").get_by_label("on day").fill("6")
    page.get_by_role("group", name="Severity").get_by_label("Mild").check()
    page.get_by_label("Done or advised").fill("Soft food.")
    page.get_by_role("button", name="Save the event").click()
    expect(page.get_by_role("link", name="Dysphagia, mild")).to_be_visible()
    event = AdverseEvent.objects.get()
    assert (event.visit, event.began_day, event.serious) == (visit, 6, "")


@pytest.fixture
def course(neurologist, session, patient):
    """Scores, a response and an event around that session."""
    instruments = [builders.an_instrument(name) for name in ("TWSTRS total", "TWSTRS severity", "TWSTRS pain", "Tsui")]
    builders.an_assessment(
        visit=session.visit, by=neurologist, postures=[("torticollis", "left")],
        scores=list(zip(instruments, (41, 19, 12, 11), strict=True)),
    )  # fmt: skip
    later = builders.a_visit_after(session, weeks=6)
    builders.an_assessment(
        visit=later, by=neurologist, postures=[("torticollis", "left")],
        scores=list(zip(instruments, (30, 14, 8, 7), strict=True)),
    )  # fmt: skip
    builders.a_response(session=session, visit=later, onset_day=5, wearing_off_day=40, words="Better.")
    return builders.an_event(session=session, began_day=4, ended_day=20, severity="mild")


@pytest.mark.full
def test_point_in_the_chart_links_to_its_record(browse, neurologist, patient, course, session):
    page = browse(neurologist)
    page.goto(patient.get_absolute_url())
    page.locator(".timeline.wide .event").click()
    expect(page).to_have_url(re.compile(course.get_absolute_url()))
    page.goto(patient.get_absolute_url())
    page.locator(".timeline.wide .session").click()
    expect(page).to_have_url(re.compile(session.get_absolute_url()))
    page.goto(patient.get_absolute_url())
    page.locator(".timeline.wide .series-0 a").first.click()
    expect(page).to_have_url(re.compile(f"/visits/{session.visit_id}/assessment/"))


@pytest.mark.full
def test_chosen_scores_are_drawn_without_a_reload(browse, neurologist, patient, course):
    page = browse(neurologist)
    page.goto(patient.get_absolute_url())
    names = page.locator(".timeline.wide .name")
    expect(names).to_have_count(3)
    page.get_by_label("Tsui").check()
    expect(names).to_have_count(4)
    page.get_by_label("TWSTRS severity").uncheck()
    expect(names).to_have_text([re.compile("^TWSTRS total"), re.compile("^TWSTRS pain"), re.compile("^Tsui")])
    expect(names.first).to_contain_text("higher is worse")


@pytest.mark.full
def test_chart_is_skipped_by_keyboard_and_repeated_as_a_table(browse, neurologist, patient, course):
    page = browse(neurologist)
    page.goto(patient.get_absolute_url())
    page.get_by_text("The same as a table").focus()
    page.keyboard.press("Enter")
    table = page.locator("#course-drawn table")
    expect(table).to_contain_text("Dysphagia, mild from day 4")
    expect(table).to_contain_text("TWSTRS total 41")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('table') !== null")
    stops = page.evaluate("() => [...document.querySelectorAll('svg a')].filter((link) => link.tabIndex >= 0).length")
    assert stops == 0


@pytest.mark.full
@pytest.mark.looks
@pytest.mark.parametrize("length", ["nothing", "one visit", "a cycle", "sixty cycles"])
def test_long_course_is_accessible_and_fits_a_phone(browse, watch, neurologist, patient, request, length):
    if length == "one visit":
        builders.an_assessment(
            visit=builders.an_arrived_visit(patient=patient, clinician=neurologist, hour=9), by=neurologist,
            scores=[(builders.an_instrument("Tsui"), 9)],
        )  # fmt: skip
    elif length == "a cycle":
        request.getfixturevalue("course")
    elif length == "sixty cycles":
        builders.a_long_course(patient, by=neurologist)
    page = browse(neurologist)
    page.goto(patient.get_absolute_url())
    for fold in page.locator("summary", has_text="The same as a table").all():
        fold.click()
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("link", name="Consents and leaflets")).to_be_visible()
    assert_no_faults({length: faults(page, watch)})


@pytest.mark.full
@pytest.mark.looks
def test_chart_labels_do_not_overlap(browse, neurologist, patient):
    builders.a_long_course(patient, by=neurologist)
    page = browse(neurologist)
    for width, drawing in ((DESK, "wide"), (PHONE, "narrow")):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(patient.get_absolute_url())
        boxes = [text.bounding_box() for text in page.locator(f".timeline.{drawing} .when").all()]
        assert len(boxes) >= 2
        for before, after in pairwise(boxes):
            assert before["x"] + before["width"] < after["x"]
        drawn = page.locator(f".timeline.{drawing}").bounding_box()
        assert boxes[-1]["x"] + boxes[-1]["width"] <= drawn["x"] + drawn["width"]
        assert sideways(page) == []
        smallest = page.locator(f".timeline.{drawing} .when").first.evaluate(
            "text => text.getBoundingClientRect().height"
        )
        assert smallest >= 11  # as tall as small print


@pytest.mark.full
@pytest.mark.looks
def test_course_forms_with_errors_are_accessible(browse, watch, neurologist, visit, session):
    watch.expects(REFUSED)
    page = browse(neurologist)
    found = {}
    for path, fill, button in (
        (f"/visits/{visit.pk}/assessment/", ("Tsui", "99"), None),
        (f"/visits/{visit.pk}/sessions/{session.pk}/response/", ("Note", "x"), "Save the response"),
        (f"/sessions/{session.pk}/adverse-events/", ("Done or advised", "x"), "Save the event"),
    ):
        page.goto(path)
        page.evaluate("() => { for (const form of document.forms) form.noValidate = true }")
        field = page.get_by_role("textbox", name=re.compile(f"^{fill[0]}"))
        field.fill(fill[1])
        page.get_by_role("button", name=button).click() if button else field.blur()
        expect(page.locator("main .errorlist").first).to_be_visible()
        expect(field).to_have_value(fill[1])
        found[path] = faults(page, watch)
    assert_no_faults(found)


# Prints


@pytest.mark.full
def test_summary_prints_on_one_page(browse, neurologist, patient, course):
    sheets = print_of(browse(neurologist), f"/patients/{patient.pk}/summary/")
    assert len(sheets) == 1
    each_page_says_whose_it_is(sheets, patient)
    for words in ("TWSTRS total higher is worse", "Torticollis left", "day 5", "1.11 units Botox", "Dysphagia, mild"):
        assert words in sheets[0]


@pytest.mark.full
def test_summary_of_a_long_course_prints_on_one_page(browse, neurologist, patient, course):
    rows = muscles(14)
    for weeks in range(13, 80, 9):
        given = builders.a_signed_session_of(
            patient, by=neurologist, weeks_ago=weeks, muscles=rows, doses=[f"{number}.11" for number in range(14)]
        )
        builders.a_response(session=given, visit=builders.a_visit_after(given, weeks=8), onset_day=4, words="w" * 900)
        builders.an_event(session=given, severity="mild", began_day=3, measures="m" * 900)
    builders.a_signed_session_of(
        patient, by=neurologist, weeks_ago=1, muscles=rows, doses=[f"{number}.11" for number in range(14)]
    )
    sheets = print_of(browse(neurologist), f"/patients/{patient.pk}/summary/")
    assert len(sheets) == 1
    assert sheets[0].count(".11 units Botox") == 14


@pytest.mark.full
def test_full_chart_names_the_patient_on_every_page(browse, neurologist, patient, course):
    sheets = print_of(browse(neurologist), f"/patients/{patient.pk}/everything/")
    each_page_says_whose_it_is(sheets, patient)
    assert "Better." in " ".join(sheets)


@pytest.mark.full
def test_course_prints_with_its_chart_and_without_controls(browse, neurologist, patient, course):
    sheets = " ".join(print_of(browse(neurologist), patient.get_absolute_url()))
    assert "TWSTRS total" in sheets
    assert re.search(r"Visit\s+Cycle\s+Session", sheets), sheets
    assert "Print summary" not in sheets
