// Package plain brings what people type, or what stands in their spreadsheets,
// into the one form in which it is checked, counted and kept.
package plain

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Text returns s in NFC and without space around it, so that a decomposed é
// counts as one character and five spaces are not a title. It reports false
// where s holds characters that are refused: control characters other than line
// ends and tabs, the overrides and isolates of direction (which can make a text
// read otherwise than it is stored), and U+FFFD, which stands where bytes were
// no text. The joiners and plain direction marks, which Uyghur, Tibetan and
// Mongolian need, pass.
func Text(s string) (string, bool) {
	s = strings.TrimSpace(norm.NFC.String(s))
	return s, !strings.ContainsFunc(s, refused)
}

func refused(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r == '\r':
		return false
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfffd:
		return true
	}
	return unicode.IsControl(r)
}
