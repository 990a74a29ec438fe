package calendar_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/calendar"
)

// notices are the items of the public notices of the State Council's office on
// the holidays of seven years, in their own words.
var notices = map[int]string{
	2020: `一、元旦：2020年1月1日放假，共1天。
二、春节：1月24日至30日放假调休，共7天。1月19日（星期日）、2月1日（星期六）上班。
三、清明节：4月4日至6日放假调休，共3天。
四、劳动节：5月1日至5日放假调休，共5天。4月26日（星期日）、5月9日（星期六）上班。
五、端午节：6月25日至27日放假调休，共3天。6月28日（星期日）上班。
六、国庆节、中秋节：10月1日至8日放假调休，共8天。9月27日（星期日）、10月10日（星期六）上班。`,
	2021: `一、元旦：2021年1月1日至3日放假，共3天。
二、春节：2月11日至17日放假调休，共7天。2月7日（星期日）、2月20日（星期六）上班。
三、清明节：4月3日至5日放假调休，共3天。
四、劳动节：5月1日至5日放假调休，共5天。4月25日（星期日）、5月8日（星期六）上班。
五、端午节：6月12日至14日放假，共3天。
六、中秋节：9月19日至21日放假调休，共3天。9月18日（星期六）上班。
七、国庆节：10月1日至7日放假调休，共7天。9月26日（星期日）、10月9日（星期六）上班。`,
	2022: `一、元旦：2022年1月1日至3日放假，共3天。
二、春节：1月31日至2月6日放假调休，共7天。1月29日（星期六）、1月30日（星期日）上班。
三、清明节：4月3日至5日放假调休，共3天。4月2日（星期六）上班。
四、劳动节：4月30日至5月4日放假调休，共5天。4月24日（星期日）、5月7日（星期六）上班。
五、端午节：6月3日至5日放假，共3天。
六、中秋节：9月10日至12日放假，共3天。
七、国庆节：10月1日至7日放假调休，共7天。10月8日（星期六）、10月9日（星期日）上班。`,
	2023: `一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。
二、春节：1月21日至27日放假调休，共7天。1月28日（星期六）、1月29日（星期日）上班。
三、清明节：4月5日放假，共1天。
四、劳动节：4月29日至5月3日放假调休，共5天。4月23日（星期日）、5月6日（星期六）上班。
五、端午节：6月22日至24日放假调休，共3天。6月25日（星期日）上班。
六、中秋节、国庆节：9月29日至10月6日放假调休，共8天。10月7日（星期六）、10月8日（星期日）上班。`,
	2024: `一、元旦：1月1日放假，与周末连休。
二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位结合带薪年休假等制度落实，安排职工在除夕（2月9日）休息。
三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。
四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
五、端午节：6月10日放假，与周末连休。
六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。
七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。`,
	2025: `一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。`,
	2026: `一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
鼓励单位和个人结合落实带薪年休假等制度，实际形成较长假期，推动错峰出行。`,
}

// announced is what the notices say, counted by hand: name, first and last day
// off, days worked.
var announced = map[int][]string{
	2020: {
		"元旦 01-01", "春节 01-24 01-30 +01-19 +02-01", "清明节 04-04 04-06", "劳动节 05-01 05-05 +04-26 +05-09", "端午节 06-25 06-27 +06-28",
		"国庆节、中秋节 10-01 10-08 +09-27 +10-10",
	},
	2021: {
		"元旦 01-01 01-03", "春节 02-11 02-17 +02-07 +02-20", "清明节 04-03 04-05", "劳动节 05-01 05-05 +04-25 +05-08", "端午节 06-12 06-14",
		"中秋节 09-19 09-21 +09-18", "国庆节 10-01 10-07 +09-26 +10-09",
	},
	2022: {
		"元旦 01-01 01-03", "春节 01-31 02-06 +01-29 +01-30", "清明节 04-03 04-05 +04-02", "劳动节 04-30 05-04 +04-24 +05-07", "端午节 06-03 06-05",
		"中秋节 09-10 09-12", "国庆节 10-01 10-07 +10-08 +10-09",
	},
	2023: {
		"元旦 2022-12-31 01-02", "春节 01-21 01-27 +01-28 +01-29", "清明节 04-05", "劳动节 04-29 05-03 +04-23 +05-06", "端午节 06-22 06-24 +06-25",
		"中秋节、国庆节 09-29 10-06 +10-07 +10-08",
	},
	2024: {
		"元旦 01-01", "春节 02-10 02-17 +02-04 +02-18", "清明节 04-04 04-06 +04-07", "劳动节 05-01 05-05 +04-28 +05-11", "端午节 06-10",
		"中秋节 09-15 09-17 +09-14", "国庆节 10-01 10-07 +09-29 +10-12",
	},
	2025: {
		"元旦 01-01", "春节 01-28 02-04 +01-26 +02-08", "清明节 04-04 04-06", "劳动节 05-01 05-05 +04-27", "端午节 05-31 06-02",
		"国庆节、中秋节 10-01 10-08 +09-28 +10-11",
	},
	2026: {
		"元旦 01-01 01-03 +01-04", "春节 02-15 02-23 +02-14 +02-28", "清明节 04-04 04-06", "劳动节 05-01 05-05 +05-09", "端午节 06-19 06-21",
		"中秋节 09-25 09-27", "国庆节 10-01 10-07 +09-20 +10-10",
	},
}

func dayOf(t *testing.T, year int, text string) calendar.Day {
	t.Helper()
	if len(text) == len("01-02") {
		text = fmt.Sprintf("%d-%s", year, text)
	}
	return day(t, text)
}

// spelled writes the days of announced out, one a line.
func spelled(t *testing.T, year int) []string {
	t.Helper()
	var lines []string
	for _, item := range announced[year] {
		words := strings.Fields(item)
		var off []calendar.Day
		for _, word := range words[1:] {
			if on, ok := strings.CutPrefix(word, "+"); ok {
				lines = append(lines, fmt.Sprintf("%s WORKDAY %s", dayOf(t, year, on), words[0]))
			} else {
				off = append(off, dayOf(t, year, word))
			}
		}
		for d := off[0]; !d.After(off[len(off)-1]); d = d.Add(1) {
			lines = append(lines, fmt.Sprintf("%s HOLIDAY %s", d, words[0]))
		}
	}
	slices.Sort(lines)
	return lines
}

func lines(n calendar.Notice) []string {
	var lines []string
	for _, d := range n.Days {
		lines = append(lines, fmt.Sprintf("%s %s %s", d.Day, d.Kind, d.Name))
	}
	return lines
}

// full dresses the items as the whole notice.
func full(year int, items string) string {
	return fmt.Sprintf(`国务院办公厅关于%d年
部分节假日安排的通知
国办发明电〔%d〕7号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
  经国务院批准，现将%d年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
%s
  节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作，遇有重大突发事件，要按规定及时报告并妥善处置，确保人民群众祥和平安度过节日假期。
国务院办公厅
%d年11月4日
（此件公开发布）`, year, year-1, year, items, year-1)
}

// TestTheNoticesOfSevenYears holds that the public notices are read to the day,
// in each of the forms in which they may be pasted.
func TestTheNoticesOfSevenYears(t *testing.T) {
	t.Parallel()
	wide := func(s string) string { // full-width digits
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r - '0' + '０'
			}
			return r
		}, s)
	}
	narrow := strings.NewReplacer("（", "(", "）", ")", "，", ",", "：", ":", "至", " - ")
	forms := map[string]func(string) string{
		"as it is":           func(s string) string { return s },
		"in one line":        func(s string) string { return strings.ReplaceAll(s, "\n", "") },
		"from Windows":       func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n\r\n\u3000\u3000") },
		"full-width digits":  wide,
		"half-width signs":   narrow.Replace,
		"spaces anywhere":    func(s string) string { return strings.ReplaceAll(s, "月", " 月\u00a0") },
		"broken in brackets": func(s string) string { return strings.ReplaceAll(s, "（", "（\n") },
	}
	for year, items := range notices {
		want := spelled(t, year)
		for name, form := range forms {
			n := calendar.ReadNotice(form(full(year, items)), 0)
			if n.Year != year || len(n.Problems) > 0 {
				t.Errorf("%d %s: year %d, problems %q", year, name, n.Year, n.Problems)
			}
			if diff := cmp.Diff(want, lines(n)); diff != "" {
				t.Errorf("%d %s: %s", year, name, diff)
			}
		}
		n := calendar.ReadNotice(items, year)
		if diff := cmp.Diff(want, lines(n)); diff != "" || len(n.Problems) > 0 {
			t.Errorf("%d without a heading: %q %s", year, n.Problems, diff)
		}
	}
	if n := calendar.ReadNotice(notices[2024], 2024); len(n.Advice) != 1 || !strings.Contains(n.Advice[0], "2月9日") {
		t.Errorf("advice is %q", n.Advice)
	}
}

// TestALocalNoticeIsReadToo holds for the words of the autonomous regions'.
func TestALocalNoticeIsReadToo(t *testing.T) {
	t.Parallel()
	cases := map[string][]string{
		"古尔邦节：5月27日（星期三）至29日（星期五）放假3天。":    {"2026-05-27 HOLIDAY 古尔邦节", "2026-05-28 HOLIDAY 古尔邦节", "2026-05-29 HOLIDAY 古尔邦节"},
		"肉孜节3月20日（星期五，农历二月初二）放假，共1天":       {"2026-03-20 HOLIDAY 肉孜节"},
		"1. 三月三：4月18日、20日放假，共2天":           {"2026-04-18 HOLIDAY 三月三", "2026-04-20 HOLIDAY 三月三"},
		"国庆节：10月1日至2日放假。\n10月10日、11日正常上班。": {"2026-10-01 HOLIDAY 国庆节", "2026-10-02 HOLIDAY 国庆节", "2026-10-10 WORKDAY 国庆节", "2026-10-11 WORKDAY 国庆节"},
	}
	for text, want := range cases {
		n := calendar.ReadNotice(text, 2026)
		if diff := cmp.Diff(want, lines(n)); diff != "" || len(n.Problems) > 0 {
			t.Errorf("%s: %q %s", text, n.Problems, diff)
		}
	}
}

// TestWhatIsNotUnderstoodIsSaid holds that a doubtful item gives no day and is
// reported with what is wrong, while the others are read.
func TestWhatIsNotUnderstoodIsSaid(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"元旦：1月1日（周五）放假，共1天。":              "2026-01-01是周四，写的是“周五”",
		"元旦：1月1日至3日放假，共4天。":               "写的是4天，按日期数是3天",
		"元旦：1月1日放假3天。":                    "写的是3天，按日期数是1天",
		"春节：2月15日至2月31日放假。":               "2026年没有2月31日这一天",
		"元旦：12月31日至1月2日放假，共3天。":           "跨年的日期请都写明年份",
		"元旦：1月1日放假，共1天，1月5日（周一）上班。":       "2026-01-05是周一，不是周末",
		"春节：2月15日至23日放假，共9天。6月28日（周日）上班。": "离假期太远",
		"元旦：2028年1月1日放假。":                 "2028-01-01不在2026年的前后",
		"元旦：1月1日至1月20日放假。":                "太长了",
		"元旦：1月1日放假，1月1日上班。":               "写了两次",
		"元旦：1日放假。":                        "没有写月份",
		"元旦：1月1日放一天假。":                    "从“放一天假”起没有看懂",
		"元旦：1月1日放假，共1天，另行通知。":             "从“另行通知”起没有看懂",
		"元旦：1月1日（周四下午）放假。":                "括号里的“周四下午”没有看懂",
		"元旦：1月1日（初12）放假。":                 "括号里的“初12”没有看懂",
		"元旦：共3天，1月1日放假。":                  "前面没有放假的日期",
		"一、元旦：放假时间另行通知。":                  "没有读到日期",
		"1月1日放假。":                         "没有读到假期的名称",
		"延长2020年春节假期至2月2日（农历正月初九、星期日），2月3日（星期一）起正常上班。":    "没有看懂",
		"元旦：1月1日放假。\n二、新年：1月1日（周四）放假。":                    "2026-01-01在“元旦”中已经写过",
		"国务院办公厅关于2025年部分节假日安排的通知\n一、元旦：1月1日（周三）放假1天，不调休。": "通知是2025年的，您选的是2026年",
	}
	for text, want := range cases {
		n := calendar.ReadNotice(text+"\n二、清明节：4月4日（周六）至6日（周一）放假，共3天。", 2026)
		said := fmt.Sprint(n.Problems)
		if len(n.Problems) == 0 || !strings.Contains(said, want) {
			t.Errorf("%s: it says %q, want %q", text, said, want)
		}
		for _, d := range n.Days {
			if d.Name != "清明节" && !strings.Contains(want, "已经写过") {
				t.Errorf("%s: %s was taken all the same", text, d.Day)
			}
		}
		if len(n.Days) < 3 && !strings.Contains(want, "通知是") {
			t.Errorf("%s: the item beside it was lost: %v", text, n.Days)
		}
	}
	if n := calendar.ReadNotice("一、元旦：1月1日放假。", 0); len(n.Days) > 0 || len(n.Problems) != 1 || !strings.Contains(n.Problems[0].Message, "年份") {
		t.Errorf("without a year: %+v", n)
	}
	if n := calendar.ReadNotice("欢迎光临。\n联系电话：5550101。", 2026); len(n.Days)+len(n.Problems) > 0 {
		t.Errorf("what has no dates: %+v", n)
	}
}

// FuzzReadNotice holds that no text brings the reader down, and that whatever it
// takes for days makes a calendar.
func FuzzReadNotice(f *testing.F) {
	for _, text := range notices {
		f.Add(text, 0)
		f.Add(text, 2026)
	}
	f.Add("一、1日", 2026)
	f.Fuzz(func(t *testing.T, text string, year int) {
		days := calendar.Exceptions{}
		for _, d := range calendar.ReadNotice(text, year).Days {
			if _, twice := days[d.Day]; twice || d.Name == "" {
				t.Fatalf("%+v in %q", d, text)
			}
			days[d.Day] = d.Kind
		}
		if _, err := calendar.New(days); err != nil {
			t.Fatal(err)
		}
	})
}
