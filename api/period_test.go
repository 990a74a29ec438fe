package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
)

func set(w *apptest.World, name string, value any) apptest.Answer {
	w.T.Helper()
	return w.Post(apptest.Staff, "/v1/settings", map[string]any{"name": name, "value": value})
}

// TestAnOfficeSetsItsPeriods: what begins from then on has the new length; one
// that is longer than the holidays that are read at first is counted right.
func TestAnOfficeSetsItsPeriods(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	before := submit(w, apptest.Author)
	for name, wrong := range map[string]any{
		"an unknown clock": map[string]any{"suggestion.rviw": map[string]any{"count": 1, "unit": "DAY"}},
		"no length":        map[string]any{"suggestion.review": map[string]any{"count": 0, "unit": "DAY"}},
		"an unknown unit":  map[string]any{"suggestion.review": map[string]any{"count": 1, "unit": "WEEK"}},
		"not a map":        3,
	} {
		if a := set(w, "matter.periods", wrong); a.Status != http.StatusUnprocessableEntity || a.Code() != "institution.setting" {
			t.Errorf("%s: %d %s", name, a.Status, a.Code())
		}
	}
	set(w, "matter.periods", map[string]any{
		"suggestion.review": map[string]any{"count": 90, "unit": "WORKING_DAY"}, "suggestion.sign": map[string]any{"count": 4, "unit": "HOUR"}, "suggestion.reply": map[string]any{"count": 3, "unit": "DAY"},
	}).Want(t, http.StatusOK)
	after := submit(w, apptest.OtherMember)
	due := map[string]string{}
	for _, task := range work(w, apptest.Staff).Items {
		due[task.MatterID] = task.DueAt.Format(time.DateOnly)
	}
	if due[before.ID] != "2026-03-05" || due[after.ID] != "2026-07-07" { // 90 working days from Tuesday, 3 March
		t.Errorf("due: %v", due)
	}
	step(w, apptest.Staff, after.ID, "accept", map[string]any{"route": "DIRECT_UNIT"})
	step(w, apptest.Staff, after.ID, "dispatch", map[string]any{"lead_unit_id": w.Units[0].ID})
	spans := map[string]string{}
	for _, d := range look(w, apptest.Staff, after.ID).Deadlines {
		spans[d.Kind] = d.Span
	}
	if spans["sign"] != "4小时" || spans["reply"] != "3天" {
		t.Errorf("spans: %v", spans)
	}
}

// TestOutcomesAreTheInstitutions: units choose from its list, and what was
// answered keeps its words when the list changes.
func TestOutcomesAreTheInstitutions(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s, lead, _ := inHands(w)
	path := "/v1/assignments/" + lead
	act(w, apptest.LeadHandler, path+"/sign_for", signFor(1))
	wrong := replyBody(2)
	wrong["outcome"] = "D"
	wantCode(t, w.Post(apptest.LeadHandler, path+"/reply", wrong), http.StatusUnprocessableEntity, "handling.outcome")
	four := []any{
		map[string]any{"code": "A", "label": "全部落实", "short": "已落实"}, map[string]any{"code": "D", "label": "暂时不能解决，已作说明", "short": "已说明"},
	}
	if a := set(w, "handling.outcomes", append(four, four[0])); a.Code() != "institution.setting" {
		t.Errorf("one code twice: %d %s", a.Status, a.Code())
	}
	set(w, "handling.outcomes", four).Want(t, http.StatusOK)
	if a := w.Get(apptest.LeadHandler, "/v1/outcomes"); !strings.Contains(string(a.Body), "D 暂时不能解决") || strings.Contains(string(a.Body), "留作参考") {
		t.Errorf("%s", a.Body)
	}
	act(w, apptest.LeadHandler, path+"/reply", wrong)
	act(w, apptest.Staff, path+"/pass", map[string]any{"version": 3})
	set(w, "handling.outcomes", four[:1]).Want(t, http.StatusOK)
	if a := w.Get(apptest.Author, suggestions+s.ID); !strings.Contains(string(a.Body), `"outcome_label":"暂时不能解决，已作说明"`) {
		t.Errorf("%s", a.Body)
	}
}

// TestAnExtensionKeepsToTheLimit that the institution has set.
func TestAnExtensionKeepsToTheLimit(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	_, lead, co := inHands(w)
	path := "/v1/assignments/" + lead
	act(w, apptest.LeadHandler, path+"/sign_for", signFor(1))
	ask := map[string]any{"version": 2, "working_days": 6, "reason": "需要招标。"}
	wantCode(t, w.Post(apptest.LeadHandler, path+"/ask_extension", ask), http.StatusUnprocessableEntity, "handling.too_long")
	set(w, "matter.periods", map[string]any{"suggestion.extend_by": map[string]any{"count": 10, "unit": "WORKING_DAY"}}).Want(t, http.StatusOK)
	act(w, apptest.LeadHandler, path+"/ask_extension", ask)
	set(w, "matter.periods", map[string]any{"suggestion.return_within": map[string]any{"count": 1, "unit": "WORKING_DAY"}}).Want(t, http.StatusOK)
	w.Clock.Advance(48 * time.Hour)
	wantCode(t, w.Post(apptest.CoHandler, "/v1/assignments/"+co+"/ask_return", map[string]any{"version": 1, "reason": "不属于我单位职责。"}),
		http.StatusConflict, "handling.too_late")
}
