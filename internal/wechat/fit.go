package wechat

import (
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Fit returns the fields of a subscribe message with each value made to fit what
// its field's type allows; the type is the field's name without its number. It
// is idempotent, changes nothing that fits, and never returns an empty value.
//
// Control characters, bidi controls and emoji are struck out, white space becomes
// one space, and lengths are in characters:
//
//	type              allowed                               instead of nothing
//	thing             20, a longer one ends with "…"        —
//	phrase            5 汉字, others struck out              无
//	name              10 with 汉字, else 20; no digits       无
//	number            32 digits with sign and point         0
//	letter            32 letters a–z, A–Z                   NA
//	character_string  32 ASCII, with - for what is between  -
//	symbol            5, neither letter nor digit           -
//	phone_number      17 digits and + - ( )                 -
//	car_number        8                                     无
//	amount            sign, 10 digits with point, 元        0
//	date, time        a date, a time, or two with "~"       —
//
// An unknown type is treated as a thing. A date or time in RFC 3339 is written
// out in China's time; what is no date is passed as it is, so that the platform
// answers 47003 and our bug is seen: a made-up date in a notice to a member
// would be worse than a notice that is not sent.
func Fit(fields map[string]string) map[string]string {
	fitted := make(map[string]string, len(fields))
	for name, value := range fields {
		fitted[name] = fitValue(strings.TrimRight(name, "0123456789"), clean(value))
	}
	return fitted
}

// fitRule says what a type keeps of a value and what stands for nothing.
type fitRule struct {
	keep    func(rune) bool
	limit   int
	instead string
}

var fitRules = map[string]fitRule{
	"phrase":           {isHan, 5, "无"},
	"letter":           {isLatin, 32, "NA"},
	"character_string": {isASCII, 32, "-"},
	"symbol":           {isSymbol, 5, "-"},
	"phone_number":     {isDial, 17, "-"},
	"car_number":       {isPlate, 8, "无"},
}

func fitValue(kind, value string) string {
	switch kind {
	case "number":
		return fitNumber(value, 32)
	case "amount":
		return fitAmount(value)
	case "name":
		return fitName(value)
	case "date", "time":
		return fitTime(kind, value)
	}
	rule, ok := fitRules[kind]
	if !ok {
		return fitThing(value)
	}
	if kind == "character_string" && foreign.MatchString(value) {
		value = strings.Trim(foreign.ReplaceAllString(value, "-"), "- ") // 2026年第31号 must not become 202631
	}
	return orElse(cut(squeeze(strike(value, rule.keep)), rule.limit), rule.instead)
}

// foreign finds what is not ASCII.
var foreign = regexp.MustCompile(`[^ -~]+`)

// maxThing is the most characters of a thing, and of what is of no known type.
const maxThing = 20

func fitThing(value string) string {
	if !hasGraphic(value) {
		return "—"
	}
	if len([]rune(value)) <= maxThing {
		return value
	}
	return cut(value, maxThing-1) + "…"
}

// fitName keeps letters of every script, the marks on them and the symbols that
// names have. One 汉字 makes it a Chinese name of at most ten characters.
func fitName(value string) string {
	value = squeeze(strike(value, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsMark(r) || strings.ContainsRune(" ·•.-'’", r)
	}))
	limit := 20
	if strings.ContainsFunc(value, isHan) {
		limit = 10
	}
	value = cut(value, limit)
	if !strings.ContainsFunc(value, unicode.IsLetter) {
		return "无"
	}
	return value
}

// numberForm finds a number within a value.
var numberForm = regexp.MustCompile(`-?[0-9]+(\.[0-9]+)?`)

// fitNumber returns the first number in the value, its fraction cut so that at
// most limit characters are left. One that is longer before the point is 0.
func fitNumber(value string, limit int) string {
	number := numberForm.FindString(value)
	if len(number) <= limit {
		return orElse(number, "0")
	}
	whole, _, _ := strings.Cut(number, ".")
	if len(whole) > limit {
		return "0"
	}
	return strings.TrimSuffix(number[:limit], ".")
}

// amountForm finds an amount: a sign, a number, 元. Thousands have no comma by
// the time it is used.
var amountForm = regexp.MustCompile(`([¥￥$€£+-]?)\s?([0-9]+(?:\.[0-9]+)?)(元?)`)

func fitAmount(value string) string {
	parts := amountForm.FindStringSubmatch(strings.NewReplacer(",", "", "，", "").Replace(value))
	if parts == nil {
		return "0"
	}
	return parts[1] + fitNumber(parts[2], 10) + parts[3]
}

// china is China's time zone, which has no summer time.
var china = time.FixedZone("CST", 8*60*60)

func fitTime(kind, value string) string {
	if t, err := time.Parse(time.RFC3339, value); err == nil {
		form := "2006年1月2日 15:04"
		if kind == "date" && t.In(china).Format("15:04:05") == "00:00:00" {
			form = "2006年1月2日"
		}
		return t.In(china).Format(form)
	}
	return orElse(cut(value, 45), "—") // the longest period has 45 characters
}

// clean strikes out control and bidi characters, emoji and what is not UTF-8, and
// makes each run of white space one space.
func clean(value string) string {
	return squeeze(strike(strings.ToValidUTF8(value, ""), func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsControl(r) && !isBidi(r) && r != '\ufeff' && !isEmoji(r)
	}))
}

// isEmoji reports pictures and what joins and colours them. No document says
// that a field takes them, and a notice says the same without.
func isEmoji(r rune) bool {
	return r >= 0x1f000 && r <= 0x1faff || r == '\u200d' || r == '\u20e3' || r >= '\ufe00' && r <= '\ufe0f' || r >= 0xe0000 && r <= 0xe0fff
}

// squeeze makes each run of white space one space, and none at the ends.
func squeeze(value string) string { return strings.Join(strings.Fields(value), " ") }

// strike keeps what keep holds for.
func strike(value string, keep func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if keep(r) {
			return r
		}
		return -1
	}, value)
}

// cut returns at most limit characters, without a blank end. It does not tear a
// mark or a joiner from its letter, as long as that leaves something.
func cut(value string, limit int) string {
	value = strings.TrimSpace(value)
	runes := []rune(value)
	if len(runes) <= limit {
		return value
	}
	end := limit
	for end > 0 && (unicode.IsMark(runes[end]) || runes[end] == '\u200d' || runes[end-1] == '\u200d') {
		end--
	}
	if end == 0 {
		end = limit
	}
	return strings.TrimSpace(string(runes[:end]))
}

func orElse(value, instead string) string {
	if !hasGraphic(value) {
		return instead
	}
	return value
}

// hasGraphic reports whether there is something to see in the value.
func hasGraphic(value string) bool {
	return strings.ContainsFunc(value, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.IsMark(r) })
}

func isHan(r rune) bool   { return unicode.Is(unicode.Han, r) }
func isASCII(r rune) bool { return r >= ' ' && r <= '~' }
func isDigit(r rune) bool { return r >= '0' && r <= '9' }
func isLatin(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
func isDial(r rune) bool  { return isDigit(r) || strings.ContainsRune("+-()", r) }
func isPlate(r rune) bool { return isHan(r) || isLatin(r) || isDigit(r) }

func isSymbol(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

// isBidi reports the characters that turn the direction of what follows.
func isBidi(r rune) bool {
	return r == '\u061c' || r == '\u200e' || r == '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}
