"""The invented people: who logs in, and sixty patients with the sample names of many countries."""

from typing import NamedTuple

PASSWORD = "collum-demo"  # noqa: S105
MANY = 104_000  # patients to measure by; four visits each but for the last: 400,000 visits, 1,200,000 injections


class Login(NamedTuple):
    username: str
    printed_name: str
    role: str = ""


LOGINS = (
    Login("neurologist", "Dr A. Morgan", "neurologist"),
    Login("neurologist2", "Dr B. Adeyemi", "neurologist"),
    Login("trainee", "Dr C. Lindqvist", "trainee"),
    Login("desk", "D. Quill", "clinic staff"),
    Login("desk2", "E. Okonkwo", "clinic staff"),
    Login("catalogue", "F. Castellanos", "catalogue manager"),
    Login("auditor", "G. Whitlock", "auditor"),
    Login("admin", "H. Varga"),
)

CLINIC = {
    "name": "Harbour Street Movement Clinic",
    "address": "7 Harbour Street\nExampleton EX1 0AA",
    "phone": "0555 010 0100",
}


class Person(NamedTuple):
    family_name: str
    given_name: str
    sex: str
    language: str


F, M, X, N = "female", "male", "other", "not_stated"

# Two whose names are easily taken for each other; both have a visit today.
ALIKE = (Person("Andersson", "Maja", F, "Swedish"), Person("Anderson", "Maja", F, "English"))

PEOPLE = (
    Person("Mustermann", "Erika", F, "German"),
    Person("Mustermann", "Max", M, "German"),
    Person("Söderström", "Åsa", F, "Swedish"),
    Person("O’Sample", "Siobhán", F, "English"),
    Person("Example-Whitfield", "Rosalind", F, "English"),
    Person("Kowalska", "Łucja", F, "Polish"),
    Person("Łódzki", "Michał", M, "Polish"),
    Person("İstanbullu", "Işık", F, "Turkish"),
    Person("Çelebi", "Ömer", M, "Turkish"),
    Person("Dupont", "Jean-Baptiste", M, "French"),
    Person("D’Exemple", "Zoé", F, "French"),
    Person("de la Muestra y Fernández", "María del Carmen Inmaculada", F, "Spanish"),
    Person("Fulano de Tal", "Íñigo", M, "Spanish"),
    Person("Rossi", "Mario", M, "Italian"),
    Person("Dell’Esempio", "Niccolò", M, "Italian"),
    Person("da Silva Fictício", "João", M, "Portuguese"),
    Person("Nordmann", "Kari", F, "Norwegian"),
    Person("Nordmann", "Ola Bjørn", M, "Norwegian"),
    Person("Prøvesen", "Søren", M, "Danish"),
    Person("Jónsdóttir", "Þórdís", F, "Icelandic"),
    Person("Meikäläinen", "Väinö", M, "Finnish"),
    Person("van der Voorbeeld", "Sjoerd", M, "Dutch"),
    Person("Novák", "Jiří", M, "Czech"),
    Person("Vzorná", "Božena", F, "Czech"),
    Person("Horvat", "Đurđa", F, "Croatian"),
    Person("Kovács", "Őrs", M, "Hungarian"),
    Person("Popescu", "Ștefan", M, "Romanian"),
    Person("Петренко", "Олена", F, "Ukrainian"),
    Person("Образцов", "Пётр", M, "Russian"),
    Person("Παπαδοπούλου", "Δήμητρα", F, "Greek"),
    Person("النموذجي", "فاطمة", F, "Arabic"),
    Person("بن عينة", "يوسف", M, "Arabic"),
    Person("ישראלי", "רות", F, "Hebrew"),
    Person("نمونه‌زاده", "رضا", M, "Persian"),
    Person("王", "小明", M, "Mandarin"),
    Person("陳", "美麗", F, "Cantonese"),
    Person("山田", "花子", F, "Japanese"),
    Person("홍", "길동", M, "Korean"),
    Person("ตัวอย่าง", "สมหญิง", F, "Thai"),
    Person("उदाहरण", "मीरा", F, "Hindi"),
    Person("Nguyễn", "Thị Mẫu", F, "Vietnamese"),
    Person("dela Cruz", "Juan", M, "Tagalog"),
    Person("Sukarnoputri", "", F, "Indonesian"),
    Person("Suharti", "", F, "Indonesian"),
    Person("Thiruvenkatanathan", "", M, "Tamil"),
    Person("Kaur", "Harpreet", F, "Punjabi"),
    Person("Okonjo-Specimen", "Chidimma", F, "Igbo"),
    Person("Adébáyọ̀", "Ọláwálé", M, "Yoruba"),
    Person("Tesfaye", "Abebe Bikila", M, "Amharic"),
    Person("Kahananui", "Keʻala", X, "Hawaiian"),
    Person("Smith-Placeholder", "Alexandra Philippa Wilhelmina Georgiana", F, "English"),
    Person("Public", "John Quincy", M, "English"),
    Person("Doe", "Jane", F, "English"),
    Person("Bloggs", "Fred", M, "English"),
    Person("McTestie", "Hamish", M, "Scots"),
    Person("Ap Enghraifft", "Rhys", M, "Welsh"),
    Person("St. Specimen", "Ffion", F, "Welsh"),
    Person("Citizen", "Robin", N, "English"),
)

ALERTS = (
    {"alert_allergy": "penicillin (rash)"},
    {"alert_anticoagulant": "takes one; the family doctor follows it"},
    {"alert_allergy": "latex", "alert_other": "faints easily"},
    {"alert_neck_surgery": "fusion at C5/C6, 2011"},
    {"alert_neuromuscular_disease": "none confirmed; being looked into"},
    {"alert_pregnancy": "no; asked at each visit"},
    {"alert_other": "hearing aid on the left"},
)

REFERRERS = ("Dr I. Nvented, Exampleton", "Dr M. Adeup, Sampleford", "Self-referred", "")
ONSETS = ("2009", "spring 2014", "about 2016", "as a young adult", "two years before the first visit", "")
ABSENCE_REASONS = ("has a cold", "could not get a lift", "work does not allow it", "asked for another day")
LEAFLETS = ("v1 (2023)", "v2 (2025)")
