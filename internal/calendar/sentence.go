package calendar

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// longest is how many days a holiday may have before it is rather a mistake.
const longest = 15

// noticeSentence is one sentence of an item, read from its beginning:
//
//	spans ("放假" | "上班") {"," remark}
type noticeSentence struct {
	item  *noticeItem
	text  string
	rest  string
	year  int // of the date before, where the sentence gives years
	month int // of the date before
	last  Day
	count int // days of the holiday before, for its total
}

var (
	dateSign  = regexp.MustCompile(`^(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^()]*)\))?`)
	rangeSign = regexp.MustCompile(`^(?:至|到|-{1,3})`)
	listSign  = regexp.MustCompile(`^[、和及]`)
	offSign   = regexp.MustCompile(`^(?:放假|休息|休假)(?:调休)?(?:(\d{1,2})天)?`)
	onSign    = regexp.MustCompile(`^(?:正常|照常)?(?:上班|为工作日)`)
	totalSign = regexp.MustCompile(`^共(\d{1,2})天`)
	noteSign  = regexp.MustCompile(`^(?:与周末连休|不调休|调休)`)
	weekday   = regexp.MustCompile(`^(?:周|星期|礼拜)([一二三四五六日天])$`)
)

// take reads what a pattern finds at the beginning, nil where it finds nothing.
func (s *noticeSentence) take(sign *regexp.Regexp) []string {
	m := sign.FindStringSubmatch(s.rest)
	if m != nil {
		s.rest = s.rest[len(m[0]):]
	}
	return m
}

// read reads clauses until the end, or until something is wrong.
func (s *noticeSentence) read() {
	for s.rest != "" {
		if !s.clause() {
			return
		}
		if s.rest != "" && !strings.HasPrefix(s.rest, ",") {
			s.lost()
			return
		}
		s.rest = strings.TrimPrefix(s.rest, ",")
	}
}

func (s *noticeSentence) lost() {
	s.item.wrong(s.text, "从“%s”起没有看懂。", s.rest)
}

func (s *noticeSentence) clause() bool {
	switch {
	case dateSign.MatchString(s.rest):
		return s.dates()
	case noteSign.MatchString(s.rest):
		s.take(noteSign)
		return true
	case totalSign.MatchString(s.rest):
		return s.total(s.take(totalSign)[1])
	}
	s.lost()
	return false
}

// dates reads days and what is said of them.
func (s *noticeSentence) dates() bool {
	days, ok := s.spans()
	if !ok {
		return false
	}
	kind := Workday
	if m := s.take(offSign); m != nil {
		kind, s.count = Holiday, len(days)
		if m[1] != "" && !s.total(m[1]) {
			return false
		}
	} else if s.take(onSign) == nil {
		s.lost()
		return false
	}
	for _, d := range days {
		s.item.days = append(s.item.days, NoticeDay{Day: d, Kind: kind, Name: s.item.name})
	}
	return true
}

// total compares what the text says with what was counted.
func (s *noticeSentence) total(word string) bool {
	n, _ := strconv.Atoi(word)
	if s.count == 0 {
		s.item.wrong(s.text, "写了共%d天，但前面没有放假的日期。", n)
		return false
	}
	if n != s.count {
		s.item.wrong(s.text, "写的是%d天，按日期数是%d天。", n, s.count)
		return false
	}
	return true
}

// spans reads "1月28日(周二)至2月4日(周二)", or several such with "、" between.
func (s *noticeSentence) spans() ([]Day, bool) {
	var days []Day
	s.last = Day{}
	for {
		from, ok := s.date()
		if !ok {
			return nil, false
		}
		to := from
		if s.take(rangeSign) != nil {
			if to, ok = s.date(); !ok {
				return nil, false
			}
		}
		if to.Sub(from) >= longest {
			s.item.wrong(s.text, "从%s到%s有%d天，太长了，请核对。", from, to, to.Sub(from)+1)
			return nil, false
		}
		for d := from; !d.After(to); d = d.Add(1) {
			days = append(days, d)
		}
		if s.take(listSign) == nil {
			return days, true
		}
	}
}

// date reads one date. Its month, and its year where the sentence gives years,
// may be those of the date before; else the year is that of the notice.
func (s *noticeSentence) date() (Day, bool) {
	rest := s.rest
	m := s.take(dateSign)
	if m == nil {
		s.lost()
		return Day{}, false
	}
	if m[1] != "" {
		s.year, _ = strconv.Atoi(m[1])
	}
	if m[2] != "" {
		s.month, _ = strconv.Atoi(m[2])
	}
	year, number := s.year, 0
	if year == 0 {
		year = s.item.year
	}
	number, _ = strconv.Atoi(m[3])
	d := Date(year, time.Month(s.month), number)
	switch {
	case s.month == 0:
		s.item.wrong(s.text, "“%s”没有写月份。", rest)
		return Day{}, false
	case d.Month() != time.Month(s.month) || d.Number() != number:
		s.item.wrong(s.text, "%d年没有%d月%d日这一天。", year, s.month, number)
		return Day{}, false
	case !s.last.IsZero() && !d.After(s.last):
		s.item.wrong(s.text, "%s不在%s之后；跨年的日期请都写明年份。", d, s.last)
		return Day{}, false
	}
	s.last = d
	return d, s.remark(d, m[4])
}

// remark checks what stands in brackets behind a date: the weekday must be
// right, the lunar date (农历除夕) and the name of a festival are not looked at.
func (s *noticeSentence) remark(d Day, text string) bool {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '、' || r == ',' || r == ';' }) {
		m := weekday.FindStringSubmatch(word)
		switch {
		case m != nil:
			if said := strings.Replace(m[1], "天", "日", 1); "周"+said != WeekdayWord(d.Weekday()) {
				s.item.wrong(s.text, "%s是%s，写的是“%s”。", d, WeekdayWord(d.Weekday()), word)
				return false
			}
		case strings.ContainsAny(word, "0123456789") || strings.Contains(word, "周") || strings.Contains(word, "星期"):
			s.item.wrong(s.text, "括号里的“%s”没有看懂。", word)
			return false
		}
	}
	return true
}
