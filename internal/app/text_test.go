package app_test

import (
	"net/http"
	"strings"
	"testing"

	"yanlu/internal/app/apptest"
)

// submitText hands in a suggestion with a title and a body.
func submitText(w *apptest.World, title, body string) apptest.Answer {
	w.T.Helper()
	return w.Post(apptest.Author, "/v1/suggestions", map[string]any{"title": title, "body": body, "category": "CITY"})
}

// TestEveryScriptComesBackAsItWasTyped walks texts from a telephone through the
// database to the office.
func TestEveryScriptComesBackAsItWasTyped(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	tests := map[string]string{
		"Han":                   "关于修复人民路路灯的建议",
		"Han of extension B":    "𠮷野家门前的𡘙𪚥路灯坏了",
		"Uyghur":                "كوچا چىراغلىرىنى ئوڭشاش توغرىسىدا تەكلىپ",
		"Tibetan":               "ལམ་གློག་བཟོ་བཅོས་བྱེད་པའི་བསམ་འཆར།",
		"Mongolian":             "ᠭᠤᠳᠤᠮᠵᠢ ᠶᠢᠨ ᠭᠡᠷᠡᠯ ᠢ ᠵᠠᠰᠠᠬᠤ",
		"Mongolian with marks":  "ᠠ\u180eᠭᠤ\u180bᠯ\u180cᠠ\u180dᠨ\u200dᠤ\u200cᠰ",
		"Kazakh":                "كوشە شامدارىن جوندەۋ تۋرالى ۇسىنىس",
		"joiners of Persian":    "می\u200cخواهم چراغ\u200cهای خیابان تعمیر شود",
		"a plain mark of order": "路灯\u200f坏了\u200e两周未修",
		"Yi":                    "ꀀꀁꀂ ꆈꌠꁱꂷ ꀊꀋꀌ",
		"Zhuang and Vietnamese": "Sawcuengh Việt Nam đèn đường",
		"Hangul":                "가로등을 고쳐 주세요",
		"emoji with joiners":    "路灯坏了 👨‍👩‍👧‍👦🏳️‍🌈👍🏽 请修复",
		"a person's name":       "买买提·吐尔逊反映路灯损坏",
		"marks and quotes":      `<b>"路灯"</b> & 'x' \ / %s ; DROP TABLE -- 坏了`,
		"several lines":         "第一行：路灯坏了。\n第二行：\t请修复。",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			body, title := text+"。"+text+"。请尽快安排。", []rune(text)
			title = title[:min(len(title), 30)] // the longest that a title may be
			var s struct{ ID string }
			submitText(w, string(title), body).Into(t, http.StatusCreated, &s)
			var got struct{ Title, Body string }
			w.Get(apptest.Staff, "/v1/suggestions/"+s.ID).Into(t, http.StatusOK, &got)
			if got.Title != strings.TrimSpace(string(title)) || got.Body != body {
				t.Errorf("%+q comes back as %+q and %+q", text, got.Title, got.Body)
			}
		})
	}
}

// TestLengthsAreCountedInCharacters holds that a text is counted in NFC and
// without the space around it, whatever its bytes.
func TestLengthsAreCountedInCharacters(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	tests := map[string]struct {
		body   string
		status int
	}{
		"nine characters":                      {"路灯坏了请快修复它", http.StatusUnprocessableEntity},
		"ten characters":                       {"路灯坏了请快修复它吧", http.StatusCreated},
		"ten of four bytes":                    {strings.Repeat("𠮷", 10), http.StatusCreated},
		"nine with space around":               {"    路灯坏了请快修复它    ", http.StatusUnprocessableEntity},
		"nothing but space":                    {strings.Repeat(" \u3000\n", 20), http.StatusUnprocessableEntity},
		"nine that are typed as eighteen":      {strings.Repeat("e\u0301", 9), http.StatusUnprocessableEntity},
		"five hundred, typed as a thousand":    {strings.Repeat("e\u0301", 500), http.StatusCreated},
		"five hundred":                         {strings.Repeat("路", 500), http.StatusCreated},
		"five hundred and space":               {" " + strings.Repeat("路", 500) + "\n", http.StatusCreated},
		"five hundred of four bytes":           {strings.Repeat("𠮷", 500), http.StatusCreated},
		"five hundred and one":                 {strings.Repeat("路", 501), http.StatusUnprocessableEntity},
		"five hundred and one of extension B":  {strings.Repeat("𠮷", 501), http.StatusUnprocessableEntity},
		"an override of direction":             {"路灯坏了\u202e请快修复它吧", http.StatusUnprocessableEntity},
		"an isolate of direction":              {"路灯坏了\u2066请快修复它吧", http.StatusUnprocessableEntity},
		"a zero":                               {"路灯坏了\x00请快修复它吧", http.StatusUnprocessableEntity},
		"a bell":                               {"路灯坏了\a请快修复它吧", http.StatusUnprocessableEntity},
		"an escape that colours a terminal":    {"路灯坏了\x1b[31m请快修复它吧", http.StatusUnprocessableEntity},
		"a control character at the very end":  {"路灯坏了请快修复它吧\x7f", http.StatusUnprocessableEntity},
		"a line end of another system is text": {"路灯坏了\r\n请快修复它吧", http.StatusCreated},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := submitText(w, "修复人民路路灯", test.body).Want(t, test.status)
			code := map[bool]string{true: "request.characters", false: "request.invalid"}[strings.ContainsAny(test.body, "\u202e\u2066\x00\a\x1b\x7f")]
			if test.status == http.StatusUnprocessableEntity && a.Code() != code {
				t.Errorf("code %s, want %s", a.Code(), code)
			}
		})
	}
}

// TestADecomposedTextIsTheSameText holds that a replay whose client writes é in
// two characters is the same body, and that what is kept is NFC.
func TestADecomposedTextIsTheSameText(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	call := func(title string) apptest.Call {
		return apptest.Call{
			Method: http.MethodPost, Path: "/v1/suggestions", Token: w.Token(apptest.Author), Key: "the-key-of-the-suggestion",
			Body: map[string]any{"title": title, "body": "路灯坏了，请尽快修复它吧。", "category": "CITY"},
		}
	}
	var one, two struct{ ID string }
	w.Send(call("Café 门前的路灯")).Into(t, http.StatusCreated, &one)
	w.Send(call("  Cafe\u0301 门前的路灯 ")).Into(t, http.StatusCreated, &two)
	if one.ID != two.ID {
		t.Error("the same text was handed in twice")
	}
	var got struct{ Title string }
	w.Get(apptest.Author, "/v1/suggestions/"+one.ID).Into(t, http.StatusOK, &got)
	if got.Title != "Café 门前的路灯" {
		t.Errorf("kept %+q", got.Title)
	}
}
