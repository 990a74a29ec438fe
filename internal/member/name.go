package member

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"yanlu/internal/fault"
	"yanlu/internal/plain"
)

// ErrName is the fault of a name that nobody can have.
var ErrName = fault.New(fault.Invalid, "member.name", "请填写姓名，1到50个字，不要有换行。")

const maxName = 50

// The signs that keyboards and older systems write where a name has "·", and
// full stops that stand for it between Han characters.
var (
	dots      = strings.NewReplacer("•", "·", "・", "·", "‧", "·", "･", "·", "∙", "·", "⋅", "·")
	stops     = regexp.MustCompile(`(\p{Han})\s*[.．]\s*(\p{Han})`)
	aroundDot = regexp.MustCompile(`\s*·\s*`)
	spread    = regexp.MustCompile(`(\p{Han})[\s\x{3000}]+(\p{Han})`)
)

// NormalName brings a name into its one form: NFC, one sign "·" between the
// parts, and no space between Han characters, which tables put there to fill a
// line ("王　静"). It is ErrName where that is not 1–50 characters, has several
// lines, or no letter.
func NormalName(s string) (string, error) {
	s, ok := plain.Text(s)
	if !ok || strings.ContainsAny(s, "\r\n\t") {
		return "", ErrName
	}
	s = aroundDot.ReplaceAllString(dots.Replace(s), "·")
	for _, x := range []struct {
		find *regexp.Regexp
		put  string
	}{{stops, "$1·$2"}, {spread, "$1$2"}} {
		for again := x.find.ReplaceAllString(s, x.put); again != s; again = x.find.ReplaceAllString(s, x.put) {
			s = again // a character stands in two pairs
		}
	}
	if n := utf8.RuneCountInString(s); n == 0 || n > maxName || !strings.ContainsFunc(s, unicode.IsLetter) {
		return "", ErrName
	}
	return s, nil
}

// Strokes makes the keys by which names are in the order of 姓氏笔画. It is for
// one goroutine.
//
// The order is that of Unicode (CLDR, zh-u-co-stroke), character by character
// from the first of the surname: by the number of strokes, then by radical. So
// those of one surname stand together, 欧阳 among those that begin with 欧, and
// a short name before a longer one that begins alike. Characters of the
// extensions (𠮷, 㛃) are counted as any other. What is no Han character comes
// before all of them: signs, Latin, Arabic, Tibetan, in this order.
type Strokes struct {
	collator *collate.Collator
	buffer   collate.Buffer
}

// NewStrokes returns a maker of keys.
func NewStrokes() *Strokes {
	return &Strokes{collator: collate.New(language.MustParse("zh-u-co-stroke"))}
}

// Key returns the key of a name: keys compare, byte by byte, as the names do.
func (s *Strokes) Key(name string) []byte {
	s.buffer.Reset()
	return append([]byte{}, s.collator.KeyFromString(&s.buffer, name)...)
}
