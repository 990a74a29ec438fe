package sheet

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
)

func roster() []Column {
	return []Column{
		{Name: "姓名", Also: []string{"委员姓名"}, Required: true, Note: "与身份证一致"},
		{Name: "手机号", Width: 16},
		{Name: "性别", Choices: []string{"男", "女"}},
		{Name: "备注"},
	}
}

// cells are the rows of a table, for comparing.
func cells(t Table) [][]string {
	var all [][]string
	for _, r := range t.Rows {
		all = append(all, []string{r.Get("姓名"), r.Get("手机号"), r.Get("性别"), r.Get("备注")})
	}
	return all
}

func book(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", at(0, i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gbk(t *testing.T, s string) []byte {
	t.Helper()
	b, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestOneTableInEveryForm holds that the same table reads the same, whichever
// program saved it.
func TestOneTableInEveryForm(t *testing.T) {
	t.Parallel()
	const text = "姓名,手机号,性别\n买买提·吐尔逊,13800000001,男\n,,\n欧阳𠮷,13800000002,女\n"
	want := [][]string{{"买买提·吐尔逊", "13800000001", "男", ""}, {"欧阳𠮷", "13800000002", "女", ""}}
	for name, data := range map[string][]byte{
		"UTF-8":                            []byte(text),
		"UTF-8 with a mark before it":      []byte("\ufeff" + text),
		"GB 18030":                         gbk(t, text),
		"tabs":                             []byte(strings.ReplaceAll(text, ",", "\t")),
		"lines of Windows":                 []byte(strings.ReplaceAll(text, "\n", "\r\n")),
		"a workbook with numbers":          book(t, []any{"姓名", "手机号", "性别"}, []any{"买买提·吐尔逊", 13800000001, "男"}, nil, []any{"欧阳𠮷", 1.3800000002e10, "女"}),
		"a title above, a star, a space":   book(t, []any{"言城县政协委员名册"}, []any{"姓 名*", "手机号", "性别"}, []any{" 买买提·吐尔逊 ", "13800000001", "男"}, []any{"欧阳𠮷", "13800000002", "女"}),
		"other columns, in another order":  []byte("序号,性别,手机号,委员姓名\n1,男,13800000001,买买提·吐尔逊\n2,女,13800000002,欧阳𠮷\n"),
		"a decomposed accent in the title": []byte("Liste e\u0301\n" + text),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Read(data, roster())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, cells(got)); diff != "" || len(got.Problems) > 0 || len(got.Ignored) > 0 {
				t.Errorf("%s problems %v, ignored %v", diff, got.Problems, got.Ignored)
			}
		})
	}
}

// TestAProblemNamesItsCell holds that who filled a table in is told where it is
// wrong, as the program counts that they see it in.
func TestAProblemNamesItsCell(t *testing.T) {
	t.Parallel()
	got, err := Read([]byte("名册\n姓名,手机号,性别,民族\n,13800000001,男,汉\n\n\"两\n行\",,，,\n李\u202e春山,,,\n"), roster())
	if err != nil {
		t.Fatal(err)
	}
	want := []Problem{
		{3, "姓名", "没有填写"}, {5, "性别", "请填写其中之一：男、女"}, {7, "姓名", "有看不见的控制字符，请删去后重新填写"},
	}
	if diff := cmp.Diff(want, got.Problems); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"民族"}, got.Ignored); diff != "" {
		t.Error(diff)
	}
}

// TestWhatIsNoTableIsRefused holds the faults of a whole table.
func TestWhatIsNoTableIsRefused(t *testing.T) {
	t.Parallel()
	wide := strings.Repeat("x,", MaxColumns+1)
	for name, x := range map[string]struct {
		data []byte
		want *fault.Fault
	}{
		"nothing":                  {nil, ErrNoHeading},
		"no heading":               {[]byte("一,二\n三,四\n"), ErrNoHeading},
		"a required column absent": {[]byte("手机号,性别\n13800000001,男\n"), ErrColumns},
		"a column twice":           {[]byte("姓名,委员姓名\n甲,乙\n"), ErrColumns},
		"a heading alone":          {[]byte("姓名,手机号\n,\n"), ErrEmpty},
		"bytes that are no text":   {[]byte{0xff, 0xff, 0xff, 0x0a}, ErrUnreadable},
		"a broken workbook":        {[]byte("PK\x03\x04 and nothing"), ErrUnreadable},
		"too many rows":            {[]byte("姓名\n" + strings.Repeat("甲\n", MaxRows+maxHeading+1)), ErrTooLarge},
		"too many columns":         {[]byte("姓名\n" + wide + "\n"), ErrTooLarge},
		"too long a cell":          {[]byte("姓名\n" + strings.Repeat("甲", MaxCell+1) + "\n"), ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := Read(x.data, roster()); !errors.Is(err, x.want) {
				t.Errorf("%v, want %v", err, x.want)
			}
		})
	}
}

// TestWhatIsWrittenReadsTheSame holds that a table that was exported comes back
// as it was, and that no cell of it is a formula.
func TestWhatIsWrittenReadsTheSame(t *testing.T) {
	t.Parallel()
	want := [][]string{{"=HYPERLINK(\"x\")", "00123456789", "女", "+86"}, {"买买提·吐尔逊", "13800000001", "", "第一行\n第二行"}}
	var b bytes.Buffer
	if err := Write(&b, "名册", roster(), want); err != nil {
		t.Fatal(err)
	}
	got, err := Read(b.Bytes(), roster())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, cells(got)); diff != "" {
		t.Error(diff)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	if formula, err := f.GetCellFormula("名册", "A2"); formula != "" || err != nil {
		t.Errorf("a formula: %q, %v", formula, err)
	}
}

// TestADateInEveryForm holds which dates are understood.
func TestADateInEveryForm(t *testing.T) {
	t.Parallel()
	day := calendar.Date(2026, 3, 5)
	for cell, want := range map[string]calendar.Day{
		"2026-03-05": day, "2026/3/5": day, "2026.3.5": day, "2026．3．5": day, "2026年3月5日": day, "2026年03月05": day, "20260305": day,
		"46086": day, "46086.5": day, "2026-03-05 00:00:00": day,
		"": {}, "2026-02-31": {}, "3月5日": {}, "05/03/2026": {}, "昨天": {}, "2026-3": {},
	} {
		if got, ok := Day(cell); got != want || ok != !want.IsZero() {
			t.Errorf("%q: %v, %t", cell, got, ok)
		}
	}
}

// FuzzRead holds that nothing that is brought in panics or breaks the limits.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, "名册", roster(), [][]string{{"甲", "13800000001", "男", ""}}); err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{b.Bytes(), []byte("姓名,手机号\n甲,1\n"), []byte("姓名\t\"x\n"), {0xb0, 0xa1, 0x0a}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Read(data, roster())
		if err != nil && fault.As(err) == nil {
			t.Errorf("a cause: %v", err)
		}
		if len(got.Rows) > MaxRows+maxHeading {
			t.Errorf("%d rows", len(got.Rows))
		}
	})
}
