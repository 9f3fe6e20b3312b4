"""Names that are obviously invented."""

FAMILY_BEGINNINGS = (
    "Test", "Sampl", "Examp", "Fict", "Mock", "Dumm", "Specim", "Must", "Invent", "Place", "Proto", "Pretend", "Draft",
    "Templ", "Blank", "Scratch", "Trial", "Model", "Figur", "Imag", "Fabul", "Legend", "Nobod", "Anonym", "Pseud",
    "Ersatz", "Stub", "Phantom", "Virtu", "Notion",
)  # fmt: skip


FAMILY_ENDINGS = (
    "a", "aker", "ally", "anova", "beck", "berg", "by", "dal", "dottir", "elli", "en", "er", "escu", "ez", "feld",
    "ford", "gård", "holm", "iak", "ić", "ini", "ius", "kaya", "land", "ley", "low", "man", "mann", "oğlu", "onen",
    "opoulos", "ov", "ová", "quist", "sen", "ski", "son", "stad", "stone", "ström", "ton", "vic", "ville", "well",
    "wick", "wood", "worth", "yan", "ym", "zade",
)  # fmt: skip


GIVEN_NAMES = (
    "Ada", "Adam", "Agnes", "Aisha", "Alma", "Amir", "Ana", "Anders", "Anna", "Anton", "Arjun", "Astrid", "Beatriz",
    "Ben", "Bo", "Carla", "Carlos", "Chloé", "Clara", "Daniel", "David", "Dora", "Ebba", "Edith", "Elias", "Ella",
    "Emil", "Emma", "Enzo", "Erik", "Eva", "Farah", "Felix", "Fiona", "Frida", "Gita", "Greta", "Hana", "Hugo", "Ida",
    "Igor", "Ines", "Ivan", "Jan", "Jana", "José", "Julia", "Kai", "Karin", "Lars", "Laura", "Léa", "Leo", "Lina",
    "Louis", "Lucy", "Luka", "Magnus", "Maja", "Mara", "Maria", "Mats", "Max", "Mia", "Mila", "Mina", "Nadia", "Nils",
    "Nina", "Noah", "Nora", "Olga", "Oskar", "Otto", "Paul", "Petra", "Priya", "Rosa", "Ruth", "Sam", "Sara", "Selma",
    "Simon", "Siri", "Sofia", "Stella", "Sven", "Tara", "Theo", "Thomas", "Tilda", "Tom", "Uma", "Vera", "Victor",
    "Wanda", "Yara", "Yusuf", "Zoe", "Zoran",
)  # fmt: skip
