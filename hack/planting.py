"""Plants a bug so that it can be switched on: both texts stand in the source, and the program chooses while it runs.

A build takes minutes and a run seconds, so `hack/mutate` builds once for all the bugs that can be written this way. The
rules below know the few shapes of Swift lines that the list is written in; what they don't know is planted by itself.
"""

OPEN, CLOSE = "([{", ")]}"


def planted(before, after, number, above="", below=""):
    """The line that behaves as `before`, and as `after` when bug `number` is switched on; None where no rule fits.
    `above` and `below`: the lines around it, which say whether it is part of something that goes on."""
    indent = before[: len(before) - len(before.lstrip())]
    goes_on = below.lstrip().startswith(("&&", "||", "??", "?", ":", "+", "-", ".")) and not before.endswith("{")
    if above.rstrip().endswith((",", "(", "[")) or goes_on:
        made = _arguments(before.strip(), after.strip(), number)
    else:
        made = _line(before.strip(), after.strip(), number)
    return None if made is None else indent + made


def switch(number, after, before):
    return f"(isPlanted({number}) ? ({after}) : ({before}))"


# Rules, from the outside in.


def _line(before, after, number):
    for rule in (_label, _appended, _guard, _condition, _loop, _block, _assignment, _statement, _arguments):
        made = rule(before, after, number)
        if made is not None:
            return made
    return None


def _label(before, after, number):
    """`case .a: statement`; or the same for more cases."""
    if not before.startswith(("case ", "default:")):
        return None
    at, other = _top(before, ":"), _top(after, ":")
    if not at or not other:
        return None
    if before[at[0] :] == after[other[0] :]:
        old, new = _pieces(before[5 : at[0]]), _pieces(after[5 : other[0]])
        more = [f"{piece} where isPlanted({number})" for piece in new if piece not in old]
        return f"case {', '.join(more)}{before[at[0]:]}\n{before}" if more and len(new) > len(old) else None
    if before[: at[0] + 1] != after[: at[0] + 1]:
        return None
    head, old, new = before[: at[0] + 1], before[at[0] + 1 :].strip(), after[at[0] + 1 :].strip()
    made = _line(old, new, number) if old and new else None
    return None if made is None else f"{head} {made}"


def _appended(before, after, number):
    """The bug is something more: `a` and then `; b`, or a body that begins with something else."""
    if not after.startswith(before):
        return None
    more = after[len(before) :].strip()
    if before.endswith("{") and _balanced(more):
        return f"{before} if isPlanted({number}) {{ {more} }}"
    if more.startswith(";"):
        return f"{before}; if isPlanted({number}) {{ {more[1:].strip()} }}"
    return None


def _guard(before, after, number):
    if not before.startswith("guard ") or not after.startswith("guard "):
        return None
    old, new = _split(before[6:], " else {"), _split(after[6:], " else {")
    if old is None and before.endswith(",") and after.endswith(","):
        made = _clauses(before[6:-1], after[6:-1], number)
        return None if made is None else f"guard {made},"
    if old is None or new is None:
        return None
    if old[1] == new[1]:
        made = _clauses(old[0], new[0], number)
        return None if made is None else f"guard {made} else {{{old[1]}"
    if old[0] == new[0] and old[1].endswith("}") and new[1].endswith("}"):
        body = _line(old[1][:-1].strip(), new[1][:-1].strip(), number)
        return None if body is None else f"guard {old[0]} else {{ {body} }}"
    return None


def _condition(before, after, number):
    for word in ("} else if ", "else if ", "if ", "while "):
        if before.startswith(word) and after.startswith(word):
            break
    else:
        return None
    old, new = _braced(before[len(word) :]), _braced(after[len(word) :])
    if old is None or new is None:
        return None
    whole = word == "if " and _balanced(before) and _balanced(after)
    if old[0].endswith("else") or new[0].endswith("else"):
        return f"if isPlanted({number}) {{ {after} }} else {{ {before} }}" if whole else None
    if old[1] == new[1]:
        made = _clauses(old[0], new[0], number)
        return None if made is None else f"{word}{made} {{{old[1]}"
    if old[0] == new[0] and old[1].endswith("}") and new[1].endswith("}"):
        body = _line(old[1][:-1].strip(), new[1][:-1].strip(), number)
        return None if body is None else f"{word}{old[0]} {{ {body} }}"
    if whole:
        return f"if isPlanted({number}) {{ {after} }} else {{ {before} }}"
    return None


def _loop(before, after, number):
    if not before.startswith("for ") or not after.startswith("for "):
        return None
    old, new = _braced(before[4:]), _braced(after[4:])
    if old is None or new is None:
        return None
    if old[1] != new[1]:
        if _balanced(before) and _balanced(after):
            return f"if isPlanted({number}) {{ {after} }} else {{ {before} }}"
        return None
    parts = [(text.split(" where ", 1) + [None])[:2] for text in (old[0], new[0])]
    (walk, where), (other, whereabouts) = parts
    if walk == other:
        made = switch(number, whereabouts or "true", where or "true")
        return f"for {walk} where {made} {{{old[1]}"
    name, space, sequence = walk.partition(" in ")
    if where != whereabouts or not other.startswith(name + space):
        return None
    # What the two walk over may be of two types.
    both = f"isPlanted({number}) ? Array({other[len(name + space):]}) : Array({sequence})"
    return f"for {name} in ({both}){f' where {where}' if where else ''} {{{old[1]}"


def _block(before, after, number):
    """`… { expression }` on one line, after a head that is the same."""
    if not (before.endswith("}") and after.endswith("}")):
        return None
    at = _last_opening(before, "{")
    if at is None or at != _last_opening(after, "{") or before[: at + 1] != after[: at + 1]:
        return None
    old, new = before[at + 1 : -1].strip(), after[at + 1 : -1].strip()
    if " in " in old and old.split(" in ", 1)[0] == new.split(" in ", 1)[0] and "(" not in old.split(" in ", 1)[0]:
        head, old, new = old.split(" in ", 1)[0] + " in ", old.split(" in ", 1)[1], new.split(" in ", 1)[1]
    else:
        head = ""
    made = _line(old, new, number) if _is_statement(old) or _is_statement(new) else switch(number, new, old)
    return None if made is None else f"{before[:at + 1]} {head}{made} }}"


def _assignment(before, after, number):
    for word in (" = ", " += ", " -= "):
        old, new = _split(before, word), _split(after, word)
        if old is None or new is None or old[0] != new[0]:
            continue
        if not (_balanced(old[1]) and _balanced(new[1])):
            return None
        return f"{old[0]}{word}{switch(number, new[1], old[1])}"
    if before.startswith("return ") and after.startswith("return ") and _balanced(before) and _balanced(after):
        return f"return {switch(number, after[7:], before[7:])}"
    return None


def _statement(before, after, number):
    if before.endswith(("{", ",")) or after.endswith(("{", ",")) or before[0] in ".&|+?:)" or after[0] in ".&|+?:)":
        return None
    label = _top(before, ":")
    if label and before[: label[0]].isidentifier() or not (_balanced(before) and _balanced(after)):
        return None
    return f"if isPlanted({number}) {{ {after} }} else {{ {before} }}"


def _arguments(before, after, number):
    """A line of arguments of a call, of elements or of operands, perhaps with what closes it."""
    tail = ""
    while before and after and before[-1] == after[-1] and (before[-1] == "," or not _balanced(before)):
        tail, before, after = before[-1] + tail, before[:-1], after[:-1]
    head = ""
    for word in ("?? ", "&& ", "|| ", "+ ", "? ", ": "):
        if before.startswith(word) and after.startswith(word):
            head, before, after = word, before[len(word) :], after[len(word) :]
    old, new = _pieces(before), _pieces(after)
    if not _balanced(before) or not _balanced(after):
        return None
    made = []
    if len(new) == len(old) + 1:
        # One element more of what holds each once.
        at = next((place for place in range(len(old)) if new[:place] + new[place + 1 :] == old), None)
        if at is None:
            return None
        made = old[:at] + [f"isPlanted({number}) ? {new[at]} : {old[at]}"] + old[at:]
        return head + ", ".join(made) + tail
    if len(old) != len(new):
        return None
    for left, right in zip(old, new):
        if left == right:
            made.append(left)
            continue
        a, b = _split(left, ": "), _split(right, ": ")
        if a and b and a[0] == b[0] and a[0].isidentifier():
            made.append(f"{a[0]}: {switch(number, b[1], a[1])}")
        else:
            made.append(switch(number, right, left))
    return head + ", ".join(made) + tail


def _clauses(before, after, number):
    """Conditions between commas: those that bind names stay, the others are chosen."""
    old, new = _pieces(before), _pieces(after)
    if len(old) == len(new):
        made = []
        for left, right in zip(old, new):
            one = _clause(left, right, number)
            if one is None:
                return None
            made.append(one)
        return ", ".join(made)
    if len(new) == len(old) + 1:
        extra = [piece for piece in new if piece not in old]
        if len(extra) == 1 and [piece for piece in new if piece != extra[0]] == old and not _binds(extra[0]):
            return ", ".join(f"(!isPlanted({number}) || ({extra[0]}))" if p == extra[0] else p for p in new)
    if len(old) == len(new) + 1:
        missing = [piece for piece in old if piece not in new]
        if len(missing) == 1 and [piece for piece in old if piece != missing[0]] == new and not _binds(missing[0]):
            return ", ".join(f"(isPlanted({number}) || ({missing[0]}))" if p == missing[0] else p for p in old)
    # One condition for several: the whole of those that bind nothing.
    if not any(_binds(piece) for piece in old + new):
        return switch(number, " && ".join(f"({p})" for p in new), " && ".join(f"({p})" for p in old))
    return None


def _clause(before, after, number):
    if before == after:
        return before
    if _binds(before) or _binds(after):
        old, new = _split(before, " = "), _split(after, " = ")
        if old is None or new is None or old[0] != new[0]:
            return None
        return f"{old[0]} = {switch(number, new[1], old[1])}"
    return switch(number, after, before)


# Words.


def _binds(text):
    return text.startswith(("let ", "var ", "case "))


def _is_statement(text):
    return text.startswith(("if ", "return ", "guard ", "for ", "let ", "var ")) or "; " in text or any(
        _split(text, word) is not None for word in (" = ", " += ", " -= "))


def _walk(text):
    """Each place outside of strings with the depth of brackets there."""
    depth, index, quotes = 0, 0, []
    while index < len(text):
        char = text[index]
        if quotes and quotes[-1] == '"':
            if text.startswith("\\(", index):
                quotes.append("(")
                index += 2
                continue
            if char == "\\":
                index += 2
                continue
            if char == '"':
                quotes.pop()
            index += 1
            continue
        if char == '"':
            quotes.append('"')
        elif quotes and char == "(":
            quotes.append("(")
        elif quotes and char == ")":
            quotes.pop()
        elif not quotes:
            if char in CLOSE:
                depth -= 1
            yield index, char, depth
            if char in OPEN:
                depth += 1
        index += 1


def _top(text, char):
    return [index for index, found, depth in _walk(text) if found == char and depth == 0]


def _split(text, word):
    """Around the first `word` that stands outside of brackets."""
    for index, _, depth in _walk(text):
        if depth == 0 and text.startswith(word, index):
            return text[:index], text[index + len(word) :]
    return None


def _braced(text):
    """A head, and what follows the brace that opens the body: the last one outside of brackets."""
    at = [index for index in _top(text, "{") if text[index - 1] == " "]
    return (text[: at[-1]].strip(), text[at[-1] + 1 :]) if at else None


def _last_opening(text, char):
    """The bracket that the last character closes."""
    held = []
    for index, found, _ in _walk(text):
        if found in OPEN:
            held.append(index)
        elif found in CLOSE and held:
            start = held.pop()
            if index == len(text) - 1:
                return start if text[start] == char else None
    return None


def _pieces(text):
    cuts = [-1] + _top(text, ",") + [len(text)]
    return [text[a + 1 : b].strip() for a, b in zip(cuts, cuts[1:])]


def _balanced(text):
    depth = low = 0
    for _, char, _ in _walk(text):
        depth += (char in OPEN) - (char in CLOSE)
        low = min(low, depth)
    return depth == 0 and low == 0
