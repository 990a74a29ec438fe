package wechat

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"yanlu/internal/wechat/simulator"
)

// In the library a risky text has no error: who looks at the error only lets it
// pass.
func TestARiskyTextIsAVerdict(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t)
	sim.NewUser(testOpenID)
	sim.Keyword("骗子", "review", 20003)
	sim.Keyword("赌博", "risky", 20006)
	long := strings.Repeat("好。", 2600)
	for name, test := range map[string]struct {
		title, text string
		want        Suggest
		label       int
		calls       int
	}{
		"a harmless text passes":                    {"停车", "老城区停车难", Pass, 100, 1},
		"a text for a person's eye":                 {"", "有骗子", Review, 20003, 1},
		"a risky text":                              {"", "有赌博", Risky, 20006, 1},
		"a risky title":                             {"赌博", "好", Risky, 20006, 1},
		"a title alone":                             {"赌博", " ", Risky, 20006, 1},
		"nothing passes without a call":             {" ", "\n", Pass, 100, 0},
		"a long text goes in pieces":                {"", long, Pass, 100, 3},
		"the last piece of a long text counts":      {"", long + "骗子", Review, 20003, 3},
		"the worst piece wins, and ends the check":  {"", "骗子" + strings.Repeat("好。", 1500) + "赌博" + long, Risky, 20006, 2},
		"a word on the border of two pieces counts": {"", strings.Repeat("好", 2400) + "。" + strings.Repeat("好", 98) + "赌博", Risky, 20006, 2},
		"a title as long as a text is text":         {long + "赌博", "好", Risky, 20006, 3},
		"a blank piece is not sent":                 {"", "好。" + strings.Repeat(" ", 5200) + "好", Pass, 100, 2},
	} {
		t.Run(name, func(t *testing.T) {
			before := sim.Calls(simulator.PathCheck)
			got, err := c.CheckText(t.Context(), testOpenID, 3, test.title, test.text)
			if err != nil || got.Suggest != test.want || got.Label != test.label || (got.TraceID == "") != (test.calls == 0) {
				t.Errorf("got %+v, %v", got, err)
			}
			if n := sim.Calls(simulator.PathCheck) - before; n != test.calls {
				t.Errorf("%d calls, want %d", n, test.calls)
			}
		})
	}
}

func TestNoVerdictIsAnError(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t)
	sim.NewUser(testOpenID)
	t.Run("a failing platform in the middle of a long text", func(t *testing.T) {
		sim.Fault(simulator.PathCheck, simulator.Fault{Delay: time.Millisecond})
		sim.Fault(simulator.PathCheck, simulator.Fault{Code: -1})
		if got, err := c.CheckText(t.Context(), testOpenID, 3, "", strings.Repeat("好", 5000)); Classify(err) != Busy || got != (Verdict{}) {
			t.Errorf("got %v, %v", got, err)
		}
	})
	t.Run("a user who is not ours", func(t *testing.T) {
		if _, err := c.CheckText(t.Context(), "stranger", 3, "", "好"); Classify(err) != BadRecipient {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a scene that there is not", func(t *testing.T) {
		for _, scene := range []int{0, 5, -1, 259} {
			if _, err := c.CheckText(t.Context(), testOpenID, scene, "", "好"); Classify(err) != BadField {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("a user who was not seen for two hours", func(t *testing.T) {
		sim.Advance(2*time.Hour + time.Minute)
		if _, err := c.CheckText(t.Context(), testOpenID, 3, "", "好"); Classify(err) != NotSeen {
			t.Errorf("got %v", err)
		}
	})
}

func TestAnAdviceThatIsNewToUsIsForAPerson(t *testing.T) {
	t.Parallel()
	c := newStub(t, func(path, _ string) string {
		if path == simulator.PathCheck {
			return `{"errcode":0,"errmsg":"ok","result":{"suggest":"maybe","label":777},"trace_id":"x"}`
		}
		return ""
	})
	if got, err := c.CheckText(t.Context(), testOpenID, 3, "", "好"); err != nil || got.Suggest != Review || got.Label != 777 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestPiecesMakeUpTheText(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var sent []string
	c := newStub(t, func(path, body string) string {
		if path != simulator.PathCheck {
			return ""
		}
		var in struct{ Content string }
		if err := json.Unmarshal([]byte(body), &in); err != nil {
			return ""
		}
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, in.Content)
		return `{"errcode":0,"errmsg":"ok","result":{"suggest":"pass","label":100},"trace_id":"x"}`
	})
	text := strings.Repeat("一二三四五六七八九十。<&>\n", 700) + strings.Repeat("👍", 2501)
	if _, err := c.CheckText(t.Context(), testOpenID, 3, "", text); err != nil {
		t.Fatal(err)
	}
	if strings.Join(sent, "") != text {
		t.Error("the pieces are not the text")
	}
	if slices.ContainsFunc(sent, func(s string) bool { return utf8.RuneCountInString(s) > 2500 }) {
		t.Error("a piece is too long")
	}
}

// A cut inside what people see as one character would make two others of it.
func TestNoCharacterIsCut(t *testing.T) {
	t.Parallel()
	family, flag, uyghur := "👨‍👩‍👧‍👦", "🇨🇳", "ئۇ\u0650"
	for name, text := range map[string]string{
		"families":                        strings.Repeat(family, 1000),
		"flags":                           "好" + strings.Repeat(flag, 2000),
		"marks":                           strings.Repeat("好", 2499) + uyghur + strings.Repeat("é", 2000),
		"a character longer than a piece": "好" + strings.Repeat("a", 10) + "e" + strings.Repeat("\u0301", 6000),
		"bytes that are no text":          strings.ToValidUTF8(strings.Repeat("\xff好", 3000), ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cut := pieces(text)
			if strings.Join(cut, "") != text {
				t.Error("the pieces are not the text")
			}
			clusters := 0
			for _, piece := range cut {
				if n := utf8.RuneCountInString(piece); n > 2500 || n == 0 {
					t.Errorf("a piece of %d characters", n)
				}
				clusters += uniseg.GraphemeClusterCount(piece)
			}
			if whole := uniseg.GraphemeClusterCount(text); clusters != whole && !strings.Contains(name, "longer") {
				t.Errorf("%d characters in the pieces, %d in the text", clusters, whole)
			}
		})
	}
}

// The platform condemns a text with an errcode too, and may repeat what it got.
func TestACondemnedTextIsRisky(t *testing.T) {
	t.Parallel()
	const text = "一段不该写进日志的话"
	for code, want := range map[int]Verdict{87014: {Suggest: Risky, Label: 21000}, 40129: {}} {
		c := newStub(t, func(path, _ string) string {
			if path == simulator.PathCheck {
				return fmt.Sprintf(`{"errcode":%d,"errmsg":"bad content: %s"}`, code, text)
			}
			return ""
		})
		got, err := c.CheckText(t.Context(), testOpenID, 3, "", text)
		if got != want || (err == nil) != (want.Suggest == Risky) {
			t.Errorf("%d: got %v, %v", code, got, err)
		}
		if err != nil && strings.Contains(err.Error(), text) {
			t.Errorf("the failure repeats the text: %v", err)
		}
	}
}
