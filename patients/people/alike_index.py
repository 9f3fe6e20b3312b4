"""Similar records among very many: as Patient.objects.people_like(), without a query for each."""

from collections import defaultdict

from patients.people.alike import likeness

FEW = 100  # of one birth date: compared one by one, so that a misspelt single word is found too


class AlikeIndex:
    """Two similar records have the same birth date and a word in common, or the same name.

    Only what can be similar to one of `asked` is kept in memory.
    """

    def __init__(self, asked):
        self._keys = {identity.key for identity in asked}
        self._dates = {identity.date_of_birth for identity in asked}
        self._owners, self._identities = [], []
        self._named, self._born, self._born_with = defaultdict(list), defaultdict(list), defaultdict(list)

    def add(self, owner, identity):
        if identity.date_of_birth not in self._dates and identity.key not in self._keys:
            return
        place = len(self._owners)
        self._owners.append(owner)
        self._identities.append(identity)
        self._named[identity.key].append(place)
        self._born[identity.date_of_birth].append(place)
        for word in set(identity.key.split()):
            self._born_with[identity.date_of_birth, word].append(place)

    def owners_like(self, identity):
        """In the order in which they were added."""
        places = {*self._named.get(identity.key, ()), *self._of_the_same_date(identity)}
        found = [place for place in sorted(places) if likeness(identity, self._identities[place])]
        return list(dict.fromkeys(self._owners[place] for place in found))

    def _of_the_same_date(self, identity):
        born = self._born.get(identity.date_of_birth, ())
        if len(born) <= FEW:
            return born
        words = set(identity.key.split())
        return [place for word in words for place in self._born_with.get((identity.date_of_birth, word), ())]
