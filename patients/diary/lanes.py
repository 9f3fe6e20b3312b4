"""Where a column of the diary draws what overlaps, and how its free time is cut into pieces that can be booked."""

MOST_LANES = 6
QUARTER = 3  # rows


def side_by_side(entries):
    """Give overlapping entries lanes. Returns those that take place, and those that do not.

    Those that do not take place share a part of the column at its end, so that their time can be booked next to them.
    """
    taken = [entry for entry in entries if entry.takes_place]
    left_out = [entry for entry in entries if not entry.takes_place]
    for group in [*_overlapping(taken), *_overlapping(left_out)]:
        _give_lanes(group)
    for group in _overlapping(taken):
        is_part_width = any(_meet(entry, other) for entry in group for other in left_out)
        for entry in group:
            entry.is_part_width = is_part_width
    return taken, left_out


def slots_between(begin, end):
    """[(begin, end)] from the first row and from each quarter of an hour on; none is shorter than that."""
    if end - begin < QUARTER:
        return []
    quarters = range(-(-begin // QUARTER) * QUARTER, end, QUARTER)
    starts = [begin, *(row for row in quarters if begin + QUARTER <= row <= end - QUARTER)]
    return list(zip(starts, [*starts[1:], end], strict=True))


def _meet(one, other):
    return one.begin < other.end and one.end > other.begin


def _overlapping(entries):
    """Groups of entries, in the order of their beginning, of which each overlaps one before it."""
    groups, end = [], 0
    for entry in sorted(entries, key=lambda entry: entry.begin):
        if groups and entry.begin < end:
            groups[-1].append(entry)
        else:
            groups.append([entry])
        end = max(end, entry.end)
    return groups


def _give_lanes(group):
    ends = []
    for entry in group:
        entry.lane = next((lane for lane, end in enumerate(ends) if end <= entry.begin), len(ends))
        ends[entry.lane : entry.lane + 1] = [entry.end]
    for entry in group:
        entry.lane, entry.lanes = min(entry.lane, MOST_LANES - 1), min(len(ends), MOST_LANES)
