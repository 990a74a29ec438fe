package simulator

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	dateForm = `\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2})`
	hourForm = `\d{1,2}:\d{2}(:\d{2})?`
)

// fieldForms are the forms of the types that have one. Lengths in characters
// stand in fieldLimits.
var fieldForms = map[string]*regexp.Regexp{
	"number":           regexp.MustCompile(`^-?\d+(\.\d+)?$`),
	"letter":           regexp.MustCompile(`^[A-Za-z]+$`),
	"character_string": regexp.MustCompile(`^[ -~]+$`),
	"symbol":           regexp.MustCompile(`^[\p{P}\p{S}]+$`),
	"phone_number":     regexp.MustCompile(`^[0-9+()-]+$`),
	"car_number":       regexp.MustCompile(`^[\p{Han}A-Za-z0-9]+$`),
	"amount":           regexp.MustCompile(`^[¥￥$€£+-]?\d+(\.\d+)?元?$`),
	"phrase":           regexp.MustCompile(`^\p{Han}+$`),
	"name":             regexp.MustCompile(`^[\p{L}\p{M} ·•.'’-]+$`),
	"date":             regexp.MustCompile(`^` + dateForm + `( ` + hourForm + `)?(~` + dateForm + `( ` + hourForm + `)?)?$`),
	"time": regexp.MustCompile(
		`^(` + dateForm + ` )?` + hourForm + `(~(` + dateForm + ` )?` + hourForm + `)?$`),
}

var fieldLimits = map[string]int{
	"thing": 20, "number": 32, "letter": 32, "character_string": 32, "symbol": 5, "phone_number": 17,
	"car_number": 8, "phrase": 5, "name": 20, "amount": 14, "date": 45, "time": 45,
}

// ValidField reports whether the platform takes a value for a field; the field's
// name without its number is its type. A type that is unknown takes nothing.
func ValidField(name, value string) bool {
	kind := strings.TrimRight(name, "0123456789")
	limit, known := fieldLimits[kind]
	if !known || strings.ContainsFunc(value, picture) || !utf8.ValidString(value) || strings.TrimSpace(value) == "" || strings.ContainsFunc(value, unicode.IsControl) {
		return false
	}
	if form := fieldForms[kind]; form != nil && !form.MatchString(value) {
		return false
	}
	length := utf8.RuneCountInString(value)
	switch {
	case kind == "name" && strings.ContainsFunc(value, func(r rune) bool { return unicode.Is(unicode.Han, r) }):
		return length <= 10
	case kind == "amount":
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, value)
		return len(digits) <= 10
	}
	return length <= limit
}

// picture reports an emoji, the joiner of several, or what chooses its form.
func picture(r rune) bool {
	return r >= 0x1f000 && r <= 0x1faff || r == 0x200d || r == 0xfe0e || r == 0xfe0f
}
