package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"yanlu/internal/app/apptest"
)

// phraseLine is a phrase as a client gets it.
type phraseLine struct {
	ID, Purpose, Category, Title, Text, Unit string
	UnitID                                   string `json:"unit_id"`
	PurposeLabel                             string `json:"purpose_label"`
	Order                                    int
	Version                                  int64
	Mine                                     bool
}

const (
	rejectReason = "suggestion.reject.reason"
	replyText    = "assignment.reply.body"
	urgeNote     = "assignment.urge.note"
)

// phrases follows the pages of somebody's phrases to their end.
func phrases(w *apptest.World, name, filter string) []phraseLine {
	w.T.Helper()
	var all []phraseLine
	for after := ""; ; {
		var page struct {
			Items []phraseLine
			Next  string
		}
		w.Get(name, "/v1/phrases?limit=2&"+filter+"&after="+url.QueryEscape(after)).Into(w.T, http.StatusOK, &page)
		all = append(all, page.Items...)
		if after = page.Next; after == "" || len(all) > 500 {
			return all
		}
	}
}

func titles(lines []phraseLine) string {
	var all []string
	for _, l := range lines {
		all = append(all, l.Title)
	}
	return strings.Join(all, " ")
}

func phraseBody(purpose, title string, more map[string]any) map[string]any {
	body := map[string]any{"purpose": purpose, "title": title, "text": title + "。"}
	for k, v := range more {
		body[k] = v
	}
	return body
}

func addPhrase(w *apptest.World, name, purpose, title string, more map[string]any) phraseLine {
	w.T.Helper()
	var p phraseLine
	w.Post(name, "/v1/phrases", phraseBody(purpose, title, more)).Into(w.T, http.StatusCreated, &p)
	return p
}

// TestPhrasesAreTheirKeepersOwn: the office keeps the institution's, each unit its
// own and reads the institution's for what it fills in; nobody else's are seen.
func TestPhrasesAreTheirKeepersOwn(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	reject := addPhrase(w, apptest.Staff, rejectReason, "重复", nil)
	reply := addPhrase(w, apptest.ProposalStaff, replyText, "感谢建议", nil)
	own := addPhrase(w, apptest.LeadHandler, replyText, "水利局答复", nil)
	if own.UnitID != w.Units[0].ID || !own.Mine || reject.UnitID != "" || reply.PurposeLabel != "交办 · 提交答复 · 答复内容" {
		t.Fatalf("%+v, %+v, %+v", own, reject, reply)
	}
	addPhrase(w, apptest.CoHandler, replyText, "住建局答复", map[string]any{"unit_id": w.Units[1].ID})
	addPhrase(w, apptest.ForeignStaff, rejectReason, "邻州的", nil)
	for name, want := range map[string]string{
		apptest.Staff: "感谢建议 重复", apptest.ProposalStaff: "感谢建议 重复", apptest.Leader: "感谢建议 重复",
		apptest.LeadHandler: "感谢建议 水利局答复", apptest.CoHandler: "感谢建议 住建局答复", apptest.OtherHandler: "感谢建议", apptest.ForeignStaff: "邻州的",
	} {
		lines := phrases(w, name, "")
		if got := titles(lines); got != want {
			t.Errorf("%s sees %q, want %q", name, got, want)
		}
		for _, l := range lines {
			if mine := name != apptest.Leader && (l.UnitID == "") == slices.Contains([]string{apptest.Staff, apptest.ProposalStaff, apptest.ForeignStaff}, name); l.Mine != mine {
				t.Errorf("%s keeps %s: %v", name, l.Title, l.Mine)
			}
		}
	}
	w.Get(apptest.Author, "/v1/phrases").Want(t, http.StatusForbidden)

	post := func(name, path string, body map[string]any) apptest.Answer {
		return w.Post(name, "/v1/phrases"+path, body)
	}
	words := map[string]any{"version": 1, "title": "改过", "text": "改过。"}
	seen := map[string]any{"version": 1}
	for name, c := range map[string]struct {
		answer apptest.Answer
		status int
		code   string
	}{
		"a unit changes the institution's":   {post(apptest.LeadHandler, "/"+reply.ID+"/change", words), http.StatusForbidden, "phrase.not_yours"},
		"a unit deletes the institution's":   {post(apptest.LeadHandler, "/"+reply.ID+"/delete", seen), http.StatusForbidden, "phrase.not_yours"},
		"a unit changes what it cannot see":  {post(apptest.LeadHandler, "/"+reject.ID+"/change", words), http.StatusNotFound, "phrase.not_found"},
		"a unit changes another's":           {post(apptest.CoHandler, "/"+own.ID+"/change", words), http.StatusNotFound, "phrase.not_found"},
		"the office changes a unit's":        {post(apptest.Staff, "/"+own.ID+"/change", words), http.StatusNotFound, "phrase.not_found"},
		"another office changes":             {post(apptest.ForeignStaff, "/"+reject.ID+"/delete", seen), http.StatusNotFound, "phrase.not_found"},
		"a unit keeps what the office fills": {post(apptest.LeadHandler, "", phraseBody(rejectReason, "重复", nil)), http.StatusUnprocessableEntity, "phrase.purpose"},
		"what nobody fills in":               {post(apptest.Staff, "", phraseBody("suggestion.dance.steps", "舞", nil)), http.StatusUnprocessableEntity, "phrase.purpose"},
		"what an author fills in":            {post(apptest.Staff, "", phraseBody("suggestion.object.reason", "不满意", nil)), http.StatusUnprocessableEntity, "phrase.purpose"},
		"for a unit that is not one's own":   {post(apptest.LeadHandler, "", phraseBody(replyText, "答复", map[string]any{"unit_id": w.Units[1].ID})), http.StatusUnprocessableEntity, "phrase.unit"},
		"the office for a unit":              {post(apptest.Staff, "", phraseBody(replyText, "答复", map[string]any{"unit_id": w.Units[1].ID})), http.StatusUnprocessableEntity, "phrase.unit"},
		"more than the field takes":          {post(apptest.Staff, "", phraseBody(urgeNote, "催", map[string]any{"text": strings.Repeat("催", 201)})), http.StatusUnprocessableEntity, "phrase.too_long"},
		"a category that there is not":       {post(apptest.Staff, "", phraseBody(urgeNote, "催", map[string]any{"category": "MOON"})), http.StatusUnprocessableEntity, "request.invalid"},
	} {
		if c.answer.Status != c.status || c.answer.Code() != c.code {
			t.Errorf("%s: %d %s, want %d %s", name, c.answer.Status, c.answer.Code(), c.status, c.code)
		}
	}
	if got := titles(phrases(w, apptest.Staff, "")); got != "感谢建议 重复" {
		t.Errorf("what was refused was done: %s", got)
	}
}

// TestAStalePhraseIsRefused: of two who change one phrase the second is told to
// look again, and nothing of theirs is kept; so is who deletes it.
func TestAStalePhraseIsRefused(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	p := addPhrase(w, apptest.Staff, rejectReason, "重复", map[string]any{"category": "CITY", "order": 3})
	change := func(name, title string, version int64) apptest.Answer {
		return w.Post(name, "/v1/phrases/"+p.ID+"/change", map[string]any{"version": version, "title": title, "text": "另一件已经受理。"})
	}
	var changed phraseLine
	change(apptest.Staff, "与已受理的重复", 1).Into(t, http.StatusOK, &changed)
	wantCode(t, change(apptest.ProposalStaff, "重了", 1), http.StatusConflict, "phrase.stale")
	wantCode(t, w.Post(apptest.ProposalStaff, "/v1/phrases/"+p.ID+"/delete", map[string]any{"version": 1}), http.StatusConflict, "phrase.stale")
	got := phrases(w, apptest.Staff, "")
	if len(got) != 1 || got[0] != changed || changed.Version != 2 || changed.Title != "与已受理的重复" || changed.Category != "" || changed.Order != 0 || changed.Text != "另一件已经受理。" {
		t.Fatalf("%+v, want %+v", got, changed)
	}
	change(apptest.ProposalStaff, "重复", 2).Want(t, http.StatusOK)

	// A telephone that did not hear the answer asks again.
	key := uuid.NewString()
	for range 2 {
		w.Send(apptest.Call{
			Method: http.MethodPost, Path: "/v1/phrases/" + p.ID + "/delete", Body: map[string]any{"version": 3}, Key: key, Token: w.Token(apptest.Staff),
		}).Want(t, http.StatusOK)
	}
	if got := phrases(w, apptest.Staff, ""); len(got) != 0 {
		t.Errorf("it is still there: %+v", got)
	}
	wantCode(t, change(apptest.Staff, "重复", 3), http.StatusNotFound, "phrase.not_found")
}

// TestPhrasesComeInTheirOrder: as the office set it, for a purpose and a category,
// whole however it is cut into pages; and no more than a hundred are kept.
func TestPhrasesComeInTheirOrder(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for i, title := range []string{"丁", "乙", "丙", "甲"} {
		more := map[string]any{"order": []int{30, 10, 10, 0}[i]}
		if category := []string{"CITY", "", "HEALTH", ""}[i]; category != "" {
			more["category"] = category
		}
		addPhrase(w, apptest.Staff, rejectReason, title, more)
	}
	addPhrase(w, apptest.Staff, urgeNote, "请抓紧", nil)
	for filter, want := range map[string]string{
		"":                        "请抓紧 甲 乙 丙 丁", // assignment.… before suggestion.…
		"purpose=" + rejectReason: "甲 乙 丙 丁",
		"category=CITY":           "请抓紧 甲 乙 丁",
		"purpose=" + replyText:    "",
		"category=HEALTH&purpose=" + rejectReason: "甲 乙 丙",
	} {
		if got := titles(phrases(w, apptest.Staff, filter)); got != want {
			t.Errorf("%q: %s, want %s", filter, got, want)
		}
	}
	id := w.Person(apptest.Staff).ID
	for _, cursor := range []string{"x", "10 2026", "a\x00b 10 " + id, "a -1 " + id, "a 10 x"} {
		cursor = base64.RawURLEncoding.EncodeToString([]byte(cursor))
		wantCode(t, w.Get(apptest.Staff, "/v1/phrases?after="+cursor), http.StatusUnprocessableEntity, "request.cursor")
	}
	for _, filter := range []string{"purpose=suggestion.dance.way", "purpose=%00", "category=MOON", "category=%00"} {
		wantCode(t, w.Get(apptest.Staff, "/v1/phrases?"+filter), http.StatusUnprocessableEntity, "request.invalid")
	}
	for i := range 96 {
		addPhrase(w, apptest.Staff, rejectReason, fmt.Sprintf("第%d条", i), nil)
	}
	wantCode(t, w.Post(apptest.Staff, "/v1/phrases", phraseBody(rejectReason, "再一条", nil)), http.StatusConflict, "phrase.full")
	addPhrase(w, apptest.Staff, replyText, "别的用途", nil)
	addPhrase(w, apptest.LeadHandler, replyText, "单位自己的", nil)
}

// TestFormsTellWhereThereArePhrases: a client offers phrases for the fields that
// say so, and for each of them they can be kept.
func TestFormsTellWhereThereArePhrases(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	var forms struct {
		Forms []struct {
			Flow, Action string
			Fields       []struct{ Name, Phrases string }
		}
	}
	w.Get(apptest.Staff, "/v1/forms").Into(t, http.StatusOK, &forms)
	var told []string
	for _, f := range forms.Forms {
		for _, field := range f.Fields {
			if field.Phrases == "" {
				continue
			}
			told = append(told, field.Phrases)
			if want := f.Flow + "." + f.Action + "." + field.Name; field.Phrases != want {
				t.Errorf("%s, want %s", field.Phrases, want)
			}
		}
	}
	purposes := func(name string) []string {
		t.Helper()
		var page struct {
			Items []struct {
				Purpose, Label string
				Max            int
			}
		}
		w.Get(name, "/v1/phrases/purposes").Into(t, http.StatusOK, &page)
		var names []string
		for _, p := range page.Items {
			names = append(names, p.Purpose)
			if p.Label == "" || p.Max == 0 {
				t.Errorf("%+v has no label or no limit", p)
			}
		}
		return names
	}
	if got := purposes(apptest.Staff); !slices.Equal(got, told) {
		t.Errorf("the office keeps phrases for %v, the forms tell of %v", got, told)
	}
	for _, name := range []string{rejectReason, "suggestion.return.reason", replyText, urgeNote, "assignment.ask_return.reason"} {
		if !slices.Contains(told, name) {
			t.Errorf("the forms do not tell of %s", name)
		}
	}
	if slices.Contains(told, "suggestion.object.reason") {
		t.Error("the forms offer phrases to authors")
	}
	units := purposes(apptest.LeadHandler)
	if !slices.Contains(units, replyText) || slices.Contains(units, rejectReason) || slices.Contains(units, urgeNote) {
		t.Errorf("units keep phrases for %v", units)
	}
	for _, name := range told {
		addPhrase(w, apptest.Staff, name, "好", nil)
	}
	for _, name := range units {
		addPhrase(w, apptest.LeadHandler, name, "好", nil)
	}
}
