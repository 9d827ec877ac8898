"""How a spoken answer arrived: what was understood, how soon it sounded, and whether all of it did."""

from dataclasses import dataclass

from voice.callers import speech
from voice.callers.words import split

SECONDS_A_CHARACTER = (0.03, 0.16)  # flite and espeak-ng speak at about 0.06
LOUD_ENOUGH = 300  # root mean square; silence and clicks lie far below


@dataclass(frozen=True, slots=True)
class Sound:
    """Figures of one spoken turn; seconds are None for what never sounded."""

    word_error: float | None  # of the caller's sentence as the service understood it, 0 to 1; None for typed ones
    first: float | None  # from the end of the question to the first sound of anything
    answer: float | None  # … to the first sound of the answer itself
    filled: bool  # whether something was said before the answer
    seconds: float  # of the answer's sound
    characters: int  # of its text
    covered: float  # share of its characters that sounded
    loudness: float

    @classmethod
    def of(cls, exchange):
        """The figures of an Exchange that was answered."""
        answer = exchange.answer
        pcm = bytes(answer.pcm)
        began = [one.began for one in exchange.said if one.began]
        return cls(
            word_error=word_error(exchange.asked, exchange.understood or "") if exchange.spoken else None,
            first=min(began) - exchange.ended if began else None,
            answer=answer.began - exchange.ended if answer.began else None,
            filled=exchange.said[0] is not answer,
            seconds=speech.seconds(pcm),
            characters=len(answer.text),
            covered=answer.covered,
            loudness=speech.loudness(pcm),
        )

    def faults(self):
        """Sentences on what did not arrive as it should, for an answer that was heard out."""
        if self.covered < 0.98:
            yield f"only {self.covered:.0%} of the answer was spoken"
        least, most = (self.characters * bound for bound in SECONDS_A_CHARACTER)
        if not least <= self.seconds <= most + 1:
            yield f"{self.characters} characters were spoken in {self.seconds:.1f} seconds"
        if self.loudness < LOUD_ENOUGH:
            yield f"the answer was too quiet to be heard (level {self.loudness:.0f})"


def word_error(asked, understood):
    """Word error rate: the least number of words changed, left out or added, over the number asked."""
    one, other = split(asked), split(understood)
    row = list(range(len(other) + 1))
    for i, word in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, heard in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (word != heard))
    return row[-1] / max(1, len(one))
