package notify_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yanlu/config"
	"yanlu/internal/app/apptest"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/wechat/simulator"
)

// TestTheSettingsKnowTheEventsAndTheWords holds that config, which imports
// nothing of the domain, lists the same.
func TestTheSettingsKnowTheEventsAndTheWords(t *testing.T) {
	t.Parallel()
	var events []string
	for _, e := range notify.Events() {
		events = append(events, string(e))
	}
	if diff := cmp.Diff(events, config.TemplateEvents()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(notify.Words(), config.TemplateValues()); diff != "" {
		t.Error(diff)
	}
}

// everyWord is a template of an event with a field of each kind of text for each
// word, and of each kind of date for the dates.
func everyWord(event notify.Event) config.Template {
	fields, n := map[string]string{}, 0
	for _, word := range notify.Words() {
		kinds := []string{"thing", "phrase", "name", "character_string", "number", "letter", "symbol", "phone_number", "car_number", "amount"}
		if word == "time" || word == "due" {
			kinds = append(kinds, "time", "date")
		}
		for _, kind := range kinds {
			n++
			if word != "due" || event == notify.Task || event == notify.Reminder {
				fields[fmt.Sprintf("%s%d", kind, n)] = word
			}
		}
	}
	return config.Template{ID: "template-" + string(event), Page: "pages/matter/index?kind={kind}&id={id}", Fields: fields}
}

// TestWhateverIsToldThePlatformTakesIt holds, for every event and every type of
// field, that no text makes a value that the platform refuses.
func TestWhateverIsToldThePlatformTakesIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(c *config.Config) {
		for _, e := range notify.Events() {
			c.WeChat.Templates[string(e)] = everyWord(e)
		}
	})
	d.Token(apptest.Author)
	text := rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.RuneFrom([]rune("路灯ئۇيغۇرབོད་ᠮᠣᠩ𠮷👨\u200d👩❤\ufe0f\x00\x1b\r\n\t\u202e\u2066\u0301 .-~1a“”…")), 0, 120, -1),
		rapid.SampledFrom([]string{"", " ", "\u200d", "\u0301\u0301", "\xff\xfe", "👨\u200d👩\u200d👧", strings.Repeat("很长的标题", 40)}),
	)
	rapid.Check(t, func(r *rapid.T) {
		d.clear()
		for _, e := range notify.Events() {
			id := "template-" + string(e)
			d.Sim.Grant(d.OpenID(apptest.Author), id, 1)
			n := d.notice(apptest.Author, text.Draw(r, "title"))
			n.Event, n.Values = e, map[string]string{}
			for _, word := range notify.Words() {
				if word != "time" && word != "due" && rapid.Bool().Draw(r, "has "+word) {
					n.Values[word] = text.Draw(r, word)
				}
			}
			d.Write(func(tx *store.Tx) error {
				d.Notify.Report(tx, d.OpenID(apptest.Author), []notify.Consent{{TemplateID: id, Accepted: true}})
				return d.Notify.Tell(tx, n)
			})
		}
		d.Write(func(tx *store.Tx) error { // progress too goes out now
			tx.Exec("UPDATE pushes SET status = 'QUEUED' WHERE status = 'HELD'")
			return nil
		})
		if _, err := d.Dispatcher.Once(t.Context()); err != nil {
			r.Fatal(err)
		}
		for _, p := range d.pushes() {
			if p.Status != notify.Sent {
				r.Fatalf("%s is %s with %d: %q", p.Event, p.Status, p.ErrorCode, p.ValuesJSON)
			}
		}
	})
}

// TestTheSimulatorRefusesWhatTheFitIsFor plants what Fit prevents, so that the
// test before this one means something.
func TestTheSimulatorRefusesWhatTheFitIsFor(t *testing.T) {
	t.Parallel()
	for field, value := range map[string]string{
		"thing1": strings.Repeat("字", 21), "phrase2": "已经答复了吗", "thing3": "", "thing4": "a\x00b", "thing5": "👨",
		"character_string6": "2026年", "date7": "明天", "phrase8": "—", "name9": "123",
	} {
		if simulator.ValidField(field, value) {
			t.Errorf("the simulator takes %q for %s", value, field)
		}
	}
}

// TestADecisionIsPushed goes from the act to the message on the telephone.
func TestADecisionIsPushed(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(c *config.Config) {
		c.WeChat.Templates["decision"] = config.Template{ID: "template-decision", Page: "pages/inbox/index", Fields: map[string]string{
			"thing1": "title", "phrase2": "kind", "character_string3": "number", "phrase4": "status", "time5": "time", "thing6": "unit",
		}}
	})
	d.Token(apptest.Author)
	d.Sim.Grant(d.OpenID(apptest.Author), "template-decision", 1)
	d.Post(apptest.Author, "/v1/grants", map[string]any{"consents": []any{map[string]any{"template_id": "template-decision", "accepted": true}}}).Want(t, http.StatusOK)
	var s struct {
		ID      string
		Version int64
	}
	d.Post(apptest.Author, "/v1/suggestions", map[string]any{
		"title": "修复人民路路灯", "body": "人民路中段有六盏路灯已坏两周，建议尽快修复。", "category": "CITY",
	}).Into(t, http.StatusCreated, &s)
	d.Post(apptest.Staff, "/v1/suggestions/"+s.ID+"/accept", map[string]any{"version": s.Version, "route": "DIRECT_UNIT"}).Want(t, http.StatusOK)
	d.dispatch(1)
	sent := d.Sim.Sent()
	if len(sent) != 1 {
		t.Fatalf("%d messages reached the author", len(sent))
	}
	want := map[string]string{
		"thing1": "修复人民路路灯", "phrase2": "微建议", "character_string3": "-", "phrase4": "已受理", "time5": "2026-03-03 10:00", "thing6": "详见小程序",
	}
	if diff := cmp.Diff(want, sent[0].Fields); diff != "" {
		t.Error(diff)
	}
}
