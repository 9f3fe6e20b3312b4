"""The invented people: users, and sixty patients with the sample names of many countries."""

from typing import NamedTuple

PASSWORD = "collum-demo"  # noqa: S105
MANY = 104_000  # patients for measuring; four visits each, except the last: 400,000 visits, 1,200,000 injections


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


class InventedPerson(NamedTuple):
    family_name: str
    given_name: str
    sex: str
    language: str


F, M, X, N = "female", "male", "other", "not_stated"

# Two with similar names; both have a visit today.
ALIKE = (InventedPerson("Andersson", "Maja", F, "Swedish"), InventedPerson("Anderson", "Maja", F, "English"))

PEOPLE = (
    InventedPerson("Mustermann", "Erika", F, "German"),
    InventedPerson("Mustermann", "Max", M, "German"),
    InventedPerson("Söderström", "Åsa", F, "Swedish"),
    InventedPerson("O’Sample", "Siobhán", F, "English"),
    InventedPerson("Example-Whitfield", "Rosalind", F, "English"),
    InventedPerson("Kowalska", "Łucja", F, "Polish"),
    InventedPerson("Łódzki", "Michał", M, "Polish"),
    InventedPerson("İstanbullu", "Işık", F, "Turkish"),
    InventedPerson("Çelebi", "Ömer", M, "Turkish"),
    InventedPerson("Dupont", "Jean-Baptiste", M, "French"),
    InventedPerson("D’Exemple", "Zoé", F, "French"),
    InventedPerson("de la Muestra y Fernández", "María del Carmen Inmaculada", F, "Spanish"),
    InventedPerson("Fulano de Tal", "Íñigo", M, "Spanish"),
    InventedPerson("Rossi", "Mario", M, "Italian"),
    InventedPerson("Dell’Esempio", "Niccolò", M, "Italian"),
    InventedPerson("da Silva Fictício", "João", M, "Portuguese"),
    InventedPerson("Nordmann", "Kari", F, "Norwegian"),
    InventedPerson("Nordmann", "Ola Bjørn", M, "Norwegian"),
    InventedPerson("Prøvesen", "Søren", M, "Danish"),
    InventedPerson("Jónsdóttir", "Þórdís", F, "Icelandic"),
    InventedPerson("Meikäläinen", "Väinö", M, "Finnish"),
    InventedPerson("van der Voorbeeld", "Sjoerd", M, "Dutch"),
    InventedPerson("Novák", "Jiří", M, "Czech"),
    InventedPerson("Vzorná", "Božena", F, "Czech"),
    InventedPerson("Horvat", "Đurđa", F, "Croatian"),
    InventedPerson("Kovács", "Őrs", M, "Hungarian"),
    InventedPerson("Popescu", "Ștefan", M, "Romanian"),
    InventedPerson("Петренко", "Олена", F, "Ukrainian"),
    InventedPerson("Образцов", "Пётр", M, "Russian"),
    InventedPerson("Παπαδοπούλου", "Δήμητρα", F, "Greek"),
    InventedPerson("النموذجي", "فاطمة", F, "Arabic"),
    InventedPerson("بن عينة", "يوسف", M, "Arabic"),
    InventedPerson("ישראלי", "רות", F, "Hebrew"),
    InventedPerson("نمونه‌زاده", "رضا", M, "Persian"),
    InventedPerson("王", "小明", M, "Mandarin"),
    InventedPerson("陳", "美麗", F, "Cantonese"),
    InventedPerson("山田", "花子", F, "Japanese"),
    InventedPerson("홍", "길동", M, "Korean"),
    InventedPerson("ตัวอย่าง", "สมหญิง", F, "Thai"),
    InventedPerson("उदाहरण", "मीरा", F, "Hindi"),
    InventedPerson("Nguyễn", "Thị Mẫu", F, "Vietnamese"),
    InventedPerson("dela Cruz", "Juan", M, "Tagalog"),
    InventedPerson("Sukarnoputri", "", F, "Indonesian"),
    InventedPerson("Suharti", "", F, "Indonesian"),
    InventedPerson("Thiruvenkatanathan", "", M, "Tamil"),
    InventedPerson("Kaur", "Harpreet", F, "Punjabi"),
    InventedPerson("Okonjo-Specimen", "Chidimma", F, "Igbo"),
    InventedPerson("Adébáyọ̀", "Ọláwálé", M, "Yoruba"),
    InventedPerson("Tesfaye", "Abebe Bikila", M, "Amharic"),
    InventedPerson("Kahananui", "Keʻala", X, "Hawaiian"),
    InventedPerson("Smith-Placeholder", "Alexandra Philippa Wilhelmina Georgiana", F, "English"),
    InventedPerson("Public", "John Quincy", M, "English"),
    InventedPerson("Doe", "Jane", F, "English"),
    InventedPerson("Bloggs", "Fred", M, "English"),
    InventedPerson("McTestie", "Hamish", M, "Scots"),
    InventedPerson("Ap Enghraifft", "Rhys", M, "Welsh"),
    InventedPerson("St. Specimen", "Ffion", F, "Welsh"),
    InventedPerson("Citizen", "Robin", N, "English"),
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
