package wechat

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/wechat/simulator"
)

func TestFit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ field, value, want string }{
		"a thing of twenty is kept":             {"thing1", strings.Repeat("字", 20), strings.Repeat("字", 20)},
		"a longer thing ends in an ellipsis":    {"thing1", strings.Repeat("字", 21), strings.Repeat("字", 19) + "…"},
		"an empty thing is a dash":              {"thing1", " \n\t ", "—"},
		"lines become one":                      {"thing1", "一\r\n二\t三", "一 二 三"},
		"control and bidi characters go":        {"thing1", "a\x00b\u202ec\u2066d\ufeff", "abcd"},
		"what is not UTF-8 goes":                {"thing1", "a\xffb", "ab"},
		"Uyghur is kept":                        {"thing1", "ئۇيغۇر", "ئۇيغۇر"},
		"a cut tears no mark from its letter":   {"thing1", strings.Repeat("e\u0301", 11), strings.Repeat("e\u0301", 9) + "…"},
		"a phrase is five 汉字":                   {"phrase2", "已经转交办理单位", "已经转交办"},
		"a phrase loses what is no 汉字":          {"phrase2", "已答复(A)!", "已答复"},
		"an empty phrase says so":               {"phrase2", "ok", "无"},
		"a Chinese name has ten":                {"name3", "买买提·吐尔逊·阿不都热依木", "买买提·吐尔逊·阿不"},
		"a name without 汉字 has twenty":          {"name3", "Abdurehim Memet Tursun Ali", "Abdurehim Memet Turs"},
		"a name loses its digits":               {"name3", "王2小明", "王小明"},
		"an empty name says so":                 {"name3", "123", "无"},
		"a number loses its unit":               {"number4", "约 12.5 件", "12.5"},
		"a number has 32 characters":            {"number4", "1." + strings.Repeat("1", 40), "1." + strings.Repeat("1", 30)},
		"an empty number is zero":               {"number4", "", "0"},
		"letters only":                          {"letter5", "aB3中", "aB"},
		"no letters at all":                     {"letter5", "12", "NA"},
		"a character string is ASCII":           {"character_string6", "政协2025-012号", "2025-012"},
		"the number of a matter":                {"character_string6", "2026年第31号", "2026-31"},
		"numbers one after the other":           {"character_string6", "1年2月3", "1-2-3"},
		"emoji go":                              {"thing1", "路灯💡坏了👨\u200d👩\u200d👧❤\ufe0f", "路灯坏了❤"},
		"nothing but emoji is a dash":           {"thing1", "👨\u200d👩\u200d👧", "—"},
		"Tibetan is kept":                       {"thing1", "བོད་སྐད་ཀྱི་སློབ", "བོད་སྐད་ཀྱི་སློབ"},
		"Mongolian is kept":                     {"thing1", "ᠮᠣᠩ\u180bᠭᠣᠯ", "ᠮᠣᠩ\u180bᠭᠣᠯ"},
		"a rare character is none":              {"name3", "𠮷野", "𠮷野"},
		"a character string has 32":             {"character_string6", strings.Repeat("x", 33), strings.Repeat("x", 32)},
		"a symbol has no letters":               {"symbol7", "a!b?", "!?"},
		"a telephone number":                    {"phone_number8", "电话:+86-0766-66888866", "+86-0766-66888866"},
		"a telephone number has 17":             {"phone_number8", strings.Repeat("1", 18), strings.Repeat("1", 17)},
		"a car's number":                        {"car_number9", "粤A·8Z888挂xx", "粤A8Z888挂"},
		"an amount loses its commas":            {"amount10", "¥1,234.50元", "¥1234.50元"},
		"an amount has ten digits":              {"amount10", "¥1234567890.12", "¥1234567890"},
		"an empty amount is zero":               {"amount10", "免费", "0"},
		"a time in RFC 3339 is China's":         {"time11", "2025-03-01T02:05:00Z", "2025年3月1日 10:05"},
		"a date at midnight is a date":          {"date12", "2025-02-28T16:00:00Z", "2025年3月1日"},
		"a date that is one is kept":            {"date12", "2025年3月1日 10:05", "2025年3月1日 10:05"},
		"a period is kept":                      {"time11", "2025年3月1日 10:05~2025年3月1日 12:00", "2025年3月1日 10:05~2025年3月1日 12:00"},
		"what is no date stays, to be refused":  {"date12", "明天", "明天"},
		"an unknown type is treated as a thing": {"novelty13", strings.Repeat("字", 21), strings.Repeat("字", 19) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Fit(map[string]string{test.field: test.value})[test.field]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// limits are the types that the platform has, with their lengths.
var limits = map[string]int{
	"thing": 20, "phrase": 5, "name": 20, "number": 32, "letter": 32, "character_string": 32, "symbol": 5,
	"phone_number": 17, "car_number": 8, "amount": 12, "date": 45, "time": 45,
}

func FuzzFit(f *testing.F) {
	for _, seed := range []string{
		"", " ", "关于老城区停车难的建议", "a\x00\u202eb", "买买提·吐尔逊", "2025-03-01T02:05:00Z", "¥1,234.50元", "-0.5",
		"e\u0301\u0301", "\u200d\u200d", "👨\u200d👩\u200d👧", "\u0301", "a \x00 b", "a 中 b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		fields := map[string]string{}
		for kind := range limits {
			fields[kind+"1"] = value
		}
		fitted := Fit(fields)
		for kind, limit := range limits {
			got := fitted[kind+"1"]
			switch {
			case strings.TrimSpace(got) == "":
				t.Errorf("%s is empty", kind)
			case !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl):
				t.Errorf("%s is unclean: %q", kind, got)
			case utf8.RuneCountInString(got) > limit:
				t.Errorf("%s is too long: %q", kind, got)
			case kind != "date" && kind != "time" && !simulator.ValidField(kind+"1", got):
				t.Errorf("the platform refuses %s %q", kind, got)
			}
		}
		if diff := cmp.Diff(fitted, Fit(fitted)); diff != "" {
			t.Errorf("not idempotent: %s", diff)
		}
	})
}
