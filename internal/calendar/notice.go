package calendar

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// NoticeDay is one day of a notice on holidays.
type NoticeDay struct {
	Day  Day
	Kind Kind
	Name string // the festival: "春节"; of a day that is worked instead, too
}

// Notice is what was read of a notice on holidays (放假通知).
type Notice struct {
	Year     int         // 0 where neither the heading nor the reader gave one
	Days     []NoticeDay // by day
	Problems []Problem   // what was not understood, or contradicts itself; none of it is among the days
	Advice   []string    // sentences that give no day off ("鼓励……休息"), left out knowingly
}

// Problem is a piece of a notice that gave no days.
type Problem struct {
	Text    string // as it stands in the notice, without spaces
	Message string // what is wrong with it, for the person who pasted it
}

// ReadNotice reads the text of the yearly notice of the State Council's office
// (国务院办公厅关于2026年部分节假日安排的通知), or of a local one in the same words:
//
//	一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
//
// The year is that of the heading; year is for a text without one, and 0 where
// the reader does not know it either. Widths of digits and punctuation, spaces
// and line breaks do not matter.
//
// Nothing is guessed. Weekdays that the text gives must be those of the dates,
// and totals ("共8天") must be those of the days; a day that is worked must be a
// Saturday or Sunday not far from its holiday. Of an item in which anything is
// wrong no day is taken. Sentences without a date are not about days.
func ReadNotice(text string, year int) Notice {
	lines := noticeLines(text)
	n := Notice{Year: year}
	if m := heading.FindStringSubmatch(strings.Join(lines, "")); m != nil {
		n.Year, _ = strconv.Atoi(m[1])
		if year != 0 && year != n.Year {
			n.Problems = append(n.Problems, Problem{m[0], fmt.Sprintf("通知是%d年的，您选的是%d年。", n.Year, year)})
			return n
		}
	}
	if n.Year == 0 {
		n.Problems = append(n.Problems, Problem{"", "没有找到年份，请粘贴带标题的全文，或填写年份。"})
		return n
	}
	name := ""
	for _, line := range lines {
		item := noticeItem{year: n.Year, text: line, name: name}
		item.read()
		name = item.name
		n.Problems, n.Advice = append(n.Problems, item.problems...), append(n.Advice, item.advice...)
		if len(item.problems) == 0 {
			n.take(item)
		}
	}
	slices.SortFunc(n.Days, func(a, b NoticeDay) int { return a.Day.Compare(b.Day) })
	return n
}

// take adds the days of an item, all or none.
func (n *Notice) take(item noticeItem) {
	for _, d := range item.days {
		if i := slices.IndexFunc(n.Days, func(o NoticeDay) bool { return o.Day == d.Day }); i >= 0 {
			n.Problems = append(n.Problems, Problem{item.text, fmt.Sprintf("%s在“%s”中已经写过。", d.Day, n.Days[i].Name)})
			return
		}
	}
	n.Days = append(n.Days, item.days...)
}

var (
	heading = regexp.MustCompile(`关于(\d{4})年[^。]{0,20}的通知`)
	ordinal = regexp.MustCompile(`^\(?(?:[一二三四五六七八九十]{1,3}|\d{1,2})\)?[、.]`)
	inline  = regexp.MustCompile(`([。;:])([一二三四五六七八九十]{1,3}、)`)
	dated   = regexp.MustCompile(`\d日`)
	working = regexp.MustCompile(`放.{0,6}假|休|上班|工作日`)
	signed  = regexp.MustCompile(`^[^\d,:、]{0,30}\d{4}年\d{1,2}月\d{1,2}日(?:\([^()\d]*\))?$`)
)

// noticeLines brings a text into one form, with an item a line: half-width
// signs, no spaces, items that stand in one line apart, broken ones joined.
func noticeLines(text string) []string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r':
			return '\n'
		case r == ' ' || r == '\t' || r == '\u3000' || r == '\u00a0' || r == '\u200b' || r == '\ufeff':
			return -1
		case r >= '\uff01' && r <= '\uff5e':
			return r - '\uff01' + '!'
		case r == '—' || r == '–' || r == '~' || r == '〜':
			return '-'
		case r == '｡':
			return '。'
		case r == '﹐':
			return ','
		}
		return r
	}, text)
	text = inline.ReplaceAllString(text, "$1\n$2")
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		last := len(lines) - 1
		switch {
		case line == "":
		case last >= 0 && ordinal.MatchString(lines[last]) && !ordinal.MatchString(line) && !endsItem(lines[last]):
			lines[last] += line
		default:
			lines = append(lines, line)
		}
	}
	return lines
}

// endsItem reports whether a line is complete, so that the next is not its rest.
func endsItem(line string) bool {
	for _, end := range []string{"。", ";", "天", "休", "班", "假"} {
		if strings.HasSuffix(line, end) {
			return true
		}
	}
	return false
}

// noticeItem is one item: the days of one festival.
type noticeItem struct {
	year     int
	text     string
	name     string // that of the item before, until its own is read
	days     []NoticeDay
	problems []Problem
	advice   []string
}

func (i *noticeItem) wrong(text, format string, args ...any) {
	i.problems = append(i.problems, Problem{text, fmt.Sprintf(format, args...)})
}

func (i *noticeItem) read() {
	body := ordinal.ReplaceAllString(i.text, "")
	numbered := body != i.text
	if !dated.MatchString(body) {
		if numbered && working.MatchString(body) {
			i.wrong(i.text, "没有读到日期。")
		}
		return
	}
	if signed.MatchString(body) || !numbered && !working.MatchString(body) {
		return // the date of the signature, or a sentence about something else
	}
	if name, rest, ok := strings.Cut(body, ":"); ok && !dated.MatchString(name) {
		i.name, body = name, rest
	} else if at := strings.IndexAny(body, "0123456789"); at > 0 {
		i.name, body = body[:at], body[at:]
	}
	if i.name == "" || len([]rune(i.name)) > 20 {
		i.wrong(i.text, "没有读到假期的名称，请写成“元旦：1月1日放假”的样子。")
		return
	}
	for sentence := range strings.FieldsFuncSeq(body, func(r rune) bool { return r == '。' || r == ';' }) {
		if strings.HasPrefix(sentence, "鼓励") {
			i.advice = append(i.advice, sentence)
			continue
		}
		if !signed.MatchString(sentence) && dated.MatchString(sentence) || working.MatchString(sentence) {
			s := noticeSentence{item: i, text: sentence, rest: sentence}
			s.read()
		}
	}
	i.check()
}

// check holds what must be true of an item as a whole.
func (i *noticeItem) check() {
	var off []Day
	for _, d := range i.days {
		if d.Kind == Holiday {
			off = append(off, d.Day)
		}
		if d.Day.Before(Date(i.year-1, time.December, 1)) || d.Day.After(Date(i.year+1, time.January, 31)) {
			i.wrong(i.text, "%s不在%d年的前后。", d.Day, i.year)
		}
	}
	for _, d := range i.days {
		if d.Kind != Workday {
			continue
		}
		if day := d.Day.Weekday(); day != time.Saturday && day != time.Sunday {
			i.wrong(i.text, "%s是%s，不是周末，不用写上班。", d.Day, WeekdayWord(day))
		}
		const far = 31
		if len(off) > 0 && !slices.ContainsFunc(off, func(o Day) bool { return max(o.Sub(d.Day), d.Day.Sub(o)) <= far }) {
			i.wrong(i.text, "%s上班离假期太远，请核对年份和月份。", d.Day)
		}
	}
	slices.SortFunc(i.days, func(a, b NoticeDay) int {
		return cmp.Or(a.Day.Compare(b.Day), strings.Compare(string(a.Kind), string(b.Kind)))
	})
	for n := 1; n < len(i.days); n++ {
		if i.days[n].Day == i.days[n-1].Day {
			i.wrong(i.text, "%s写了两次。", i.days[n].Day)
		}
	}
	if len(i.days) == 0 && len(i.problems) == 0 {
		i.wrong(i.text, "没有读到放假或上班的日期。")
	}
}

// WeekdayWord returns a day of the week as people say it: 周四.
func WeekdayWord(d time.Weekday) string { return "周" + string([]rune("日一二三四五六")[d]) }
