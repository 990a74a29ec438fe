package sheet

import (
	"regexp"
	"strconv"

	"yanlu/internal/calendar"
)

// The forms in which offices write a date. The last is how a workbook stores one:
// days since the end of 1899.
var (
	written = regexp.MustCompile(`^(\d{4})\s*[-/.．年]\s*(\d{1,2})\s*[-/.．月]\s*(\d{1,2})\s*日?(?:\s+0{1,2}:00(?::00)?)?$`)
	compact = regexp.MustCompile(`^((?:19|20)\d{2})(\d{2})(\d{2})$`)
	serial  = regexp.MustCompile(`^(\d{5})(?:\.\d+)?$`)
)

// Day reads a date as it stands in a cell: 2026-03-05, 2026/3/5, 2026.3.5,
// 2026年3月5日, 20260305, or the number of a date cell. It reports false where
// it is none, such as 31 February.
func Day(cell string) (calendar.Day, bool) {
	if m := serial.FindStringSubmatch(cell); m != nil {
		n, _ := strconv.Atoi(m[1])
		return calendar.Date(1899, 12, 30).Add(n), true
	}
	m := written.FindStringSubmatch(cell)
	if m == nil {
		m = compact.FindStringSubmatch(cell)
	}
	if m == nil {
		return calendar.Day{}, false
	}
	pad := func(s string) string {
		if len(s) == 1 {
			return "0" + s
		}
		return s
	}
	day, err := calendar.Parse(m[1] + "-" + pad(m[2]) + "-" + pad(m[3]))
	return day, err == nil
}
