package wechat

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yanlu/internal/wechat/simulator"
)

func TestSend(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t, func(cfg *Config) { cfg.ProgramState = "trial" })
	message := newTemplate(sim, 1)
	if err := c.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	want := []simulator.Sent{{
		OpenID: testOpenID, TemplateID: "tmpl-reply", Page: "pages/matter?id=1", State: "trial", Fields: message.Fields,
	}}
	if diff := cmp.Diff(want, sim.Sent(), cmpopts.IgnoreFields(simulator.Sent{}, "At", "MsgID")); diff != "" {
		t.Error(diff)
	}
	t.Run("one consent is one message", func(t *testing.T) {
		if err := c.Send(t.Context(), message); Classify(err) != NoGrant {
			t.Errorf("got %v", err)
		}
	})
}

func TestSendTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*Message)
		class  Class
		text   string
		calls  int
	}{
		"a user who is not ours":          {func(m *Message) { m.OpenID = "stranger" }, BadRecipient, "40003", 1},
		"a template that is not ours":     {func(m *Message) { m.TemplateID = "other" }, BadSetup, "40037", 1},
		"a field that is missing":         {func(m *Message) { delete(m.Fields, "phrase2") }, BadField, "phrase2", 1},
		"a field the template has not":    {func(m *Message) { m.Fields["thing9"] = "x" }, BadField, "thing9", 1},
		"an openid that is malformed":     {func(m *Message) { m.OpenID = "a b" }, BadRecipient, "openid", 0},
		"no template":                     {func(m *Message) { m.TemplateID = "" }, BadSetup, "template", 0},
		"no fields":                       {func(m *Message) { m.Fields = nil }, BadField, "fields", 0},
		"a page that is too long":         {func(m *Message) { m.Page = strings.Repeat("x", 1025) }, BadSetup, "page", 0},
		"a value that is cut so it fits":  {func(m *Message) { m.Fields["thing1"] = strings.Repeat("长", 99) }, OK, "", 1},
		"a value that is empty and fills": {func(m *Message) { m.Fields["phrase2"] = "" }, OK, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, c := newPair(t)
			message := newTemplate(sim, 1)
			test.change(&message)
			err := c.Send(t.Context(), message)
			if Classify(err) != test.class || err != nil && !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v", err)
			}
			if n := sim.Calls(simulator.PathSend); n != test.calls {
				t.Errorf("%d calls, want %d", n, test.calls)
			}
			left := 1
			if test.class == OK {
				left = 0
			}
			if n := sim.Grants(testOpenID, "tmpl-reply"); n != left {
				t.Errorf("%d consents left, want %d", n, left)
			}
		})
	}
}
