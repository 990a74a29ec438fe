package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/proposal"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// cityAbove puts a city over the county, with a session of its own, and opens the
// county's collection for it.
func cityAbove(w *apptest.World) (city aboveOf, collection string) {
	w.T.Helper()
	city = putAbove(w, w.County.ID, "天河市政协", institution.Prefecture)
	opens := calendar.Of(w.Clock.Now()).Add(30)
	w.Write(func(tx *store.Tx) error {
		term := member.AddTerm(tx, city.institution.ID, 5, opens.Add(-1000), opens.Add(800))
		_, err := w.Proposals.MakeCollection(w.T.Context(), tx, city.institution.ID, proposal.CollectionInput{TermID: term.ID, Session: 4, Opens: opens, Deadline: opens.Add(1).End()})
		return err
	})
	var c struct {
		ID, Body, Title string
		Here            bool
	}
	w.Post(apptest.Staff, "/v1/collections", map[string]any{"here": true, "name": "五届四次会议", "begins": "2026-01-01", "deadline": opens.End().Format(time.RFC3339)}).
		Into(w.T, http.StatusCreated, &c)
	if c.Body != "天河市政协" || !c.Here || c.Title != "天河市政协五届四次会议" {
		w.T.Fatalf("the city's collection is %+v", c)
	}
	return city, c.ID
}

// forCity hands a proposal in for the city's collection, and chooses it.
func forCity(w *apptest.World, collection, name, title string, more map[string]any) string {
	w.T.Helper()
	body := map[string]any{"collection_id": collection}
	for k, v := range more {
		body[k] = v
	}
	id := propose(w, name, title, body).ID
	for _, a := range readProposal(w, apptest.Staff, id).Authors {
		if a.Consent == "ASKED" {
			move(w, a.Name, id, "agree", nil)
		}
	}
	move(w, apptest.Staff, id, "choose", nil)
	return id
}

func filesIt(v workflow.Seen) workflow.Input { return proposal.FileInput{Seen: v} }

// TestAProposalIsHandedUpInside: it becomes a proposal of the city, of its session and
// by its number; that it was filed, the number, the answer and the honour come back to
// the county's office and to both authors, and move what is waited for.
func TestAProposalIsHandedUpInside(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	city, collection := cityAbove(w)
	id := forCity(w, collection, apptest.Author, "关于改善跨县公交的建议", map[string]any{"co_author_ids": []string{w.Person(apptest.CoAuthor).ID}})
	move(w, apptest.Staff, id, "hand_up", nil)
	inCity := upperOf(w, id)

	var up struct {
		matter.Matter
		Occasion, Situation, BodyName, Name string
	}
	err := w.DB.Gorm(t.Context()).Raw(`SELECT m.*, p.occasion, x.situation, a.body_name, a.name FROM matters m JOIN proposals p ON p.matter_id = m.id
		JOIN proposal_texts x ON x.matter_id = m.id AND x.version = p.text_version JOIN authors a ON a.matter_id = m.id WHERE m.id = ?`, inCity).Scan(&up).Error
	if err != nil || up.InstitutionID != city.institution.ID || up.Status != "SUBMITTED" || up.Occasion != "PLENARY" || up.BodyName != "言城县政协" ||
		up.Name != apptest.Author+"、"+apptest.CoAuthor || up.Situation != motion("", nil)["situation"] || *up.OriginID != id {
		t.Fatalf("the city has %+v, %v", up, err)
	}
	refusesOn(w, id, "return", map[string]any{"reason": "请补充里程。"}, "matter.handed_up")

	city.does(city.staff, inCity, "file", filesIt)
	w.Write(func(tx *store.Tx) error {
		_, err := w.Proposals.Number(t.Context(), tx, city.staff, []string{inCity}, 126)
		return err
	})
	city.does(city.staff, inCity, "dispatch", func(v workflow.Seen) workflow.Input {
		return handling.HandOverInput{DispatchInput: handling.DispatchInput{Seen: v, LeadUnitID: city.unit.ID}}
	})
	takeDown(w)
	v := readProposal(w, apptest.Author, id)
	if v.Status != "HANDED_UP" || v.Upper == nil || v.Upper.Number != "五届四次会议第126号" || v.Number != "" {
		t.Errorf("filed and numbered above: %+v, %+v", v, v.Upper)
	}
	city.answers(inCity, handling.LetterInput{ReplyInput: handling.ReplyInput{Body: "三条线路明年起对接，时刻表已经公布。"}})
	takeDown(w)
	v = readProposal(w, apptest.CoAuthor, id)
	if v.Status != "UPPER_DONE" || v.Upper.Answer != "三条线路明年起对接，时刻表已经公布。" {
		t.Errorf("answered above: %+v, %+v", v, v.Upper)
	}
	city.does(city.staff, inCity, "publish_excellent", func(v workflow.Seen) workflow.Input { return proposal.PublishExcellentInput{Seen: v} })
	takeDown(w)
	v = readProposal(w, apptest.Author, id)
	if v.Upper.Award != "评为优秀提案" || v.Status != "UPPER_DONE" {
		t.Errorf("praised above: %+v", v.Upper)
	}
	last := v.Timeline[len(v.Timeline)-1]
	if last.Action != "feedback" || !strings.Contains(last.Comment, "天河市政协") {
		t.Errorf("the last line is %+v", last)
	}
	for _, name := range []string{apptest.Author, apptest.CoAuthor} {
		said := bodies(w, name)
		for _, want := range []string{"已提交天河市政协", "天河市政协：", "三条线路明年起对接", "优秀提案"} {
			if !strings.Contains(said, want) {
				t.Errorf("%s was not told %q: %s", name, want, said)
			}
		}
	}
	if q := work(w, apptest.Staff); len(q.Items) > 0 {
		t.Errorf("the county's office is still waited for: %+v", q.Items)
	}
}

// TestWhatIsNotFiledAboveComesBack with its grounds, and what is given back above goes
// to its author again; where the parent has gone to another system, staff enter it.
func TestWhatIsNotFiledAboveComesBack(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	city, collection := cityAbove(w)
	unfiled := forCity(w, collection, apptest.Author, "关于跨县公路绿化的建议", nil)
	returned := forCity(w, collection, apptest.Author, "关于跨县河道治理的建议", nil)
	for _, id := range []string{unfiled, returned} {
		move(w, apptest.Staff, id, "hand_up", nil)
	}
	reason := func(v workflow.Seen) workflow.Reasoned {
		return workflow.Reasoned{Seen: v, Reason: "请补充具体路段。"}
	}
	city.does(city.staff, upperOf(w, unfiled), "not_file", func(v workflow.Seen) workflow.Input {
		return proposal.NotFileInput{Reasoned: reason(v), Ground: proposal.Empty}
	})
	city.does(city.staff, upperOf(w, returned), "return", func(v workflow.Seen) workflow.Input { return proposal.ReturnInput{Reasoned: reason(v)} })
	takeDown(w)
	if v := readProposal(w, apptest.Author, unfiled); v.Status != "UPPER_NOT_FILED" || !strings.Contains(v.Timeline[len(v.Timeline)-1].Comment, "请补充具体路段") {
		t.Errorf("not filed above: %+v", v)
	}

	move(w, apptest.Staff, returned, "return", map[string]any{"reason": "市政协请补充具体路段。"})
	s := move(w, apptest.Author, returned, "send", motion("关于跨县河道治理的建议", map[string]any{"advice": "建议市水利局牵头，从上游的青石乡到下游的沙湾乡分三段治理，两年内完成。"}))
	if s.Status != "GATHERED" {
		t.Fatalf("mended: %+v", s)
	}
	move(w, apptest.Staff, returned, "choose", nil)
	w.Write(func(tx *store.Tx) error {
		return institution.Set(tx, w.Clock.Now(), city.institution.ID, matter.FromLower(), []byte("false"))
	})
	move(w, apptest.Staff, returned, "hand_up", map[string]any{"number": "第7号"})
	if n := len(uppersOf(w, returned)); n != 1 {
		t.Errorf("it became %d matters of who takes in none any more", n)
	}
	s = move(w, apptest.Staff, returned, "refuse_above", map[string]any{"reason": "已列入流域规划。"})
	v := readProposal(w, apptest.Staff, returned)
	if s.Status != "UPPER_NOT_FILED" || v.Upper.Number != "第7号" || len(v.HandedUp) != 2 || v.HandedUp[1].Number != "第7号" || v.HandedUp[1].ResultLabel != "没有立案或采用" {
		t.Errorf("entered: %+v, %+v", s, v.HandedUp)
	}
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE institutions SET parent_id = NULL WHERE id = ?", w.County.ID)
		return nil
	})
	wantCode(t, w.Post(apptest.Staff, "/v1/collections", map[string]any{"here": true, "begins": "2026-01-01", "deadline": "2026-12-31T18:00:00+08:00"}),
		http.StatusUnprocessableEntity, "proposal.nobody_above")
}

// TestEachThatWasHandedUpHasItsAnswer: of two that are merged above each comes back
// with the letter to it, and to its own authors.
func TestEachThatWasHandedUpHasItsAnswer(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	city, collection := cityAbove(w)
	one := forCity(w, collection, apptest.Author, "关于跨县公交的建议", nil)
	two := forCity(w, collection, apptest.OtherMember, "关于公交换乘站的建议", nil)
	for _, id := range []string{one, two} {
		move(w, apptest.Staff, id, "hand_up", nil)
	}
	lead, merged := upperOf(w, one), upperOf(w, two)
	city.does(city.staff, merged, "merge", func(v workflow.Seen) workflow.Input { return matter.MergeInput{Seen: v, TargetID: lead} })
	city.does(city.staff, lead, "file", filesIt)
	city.does(city.staff, lead, "dispatch", func(v workflow.Seen) workflow.Input {
		return handling.HandOverInput{DispatchInput: handling.DispatchInput{Seen: v, LeadUnitID: city.unit.ID}}
	})
	city.answers(lead, handling.LetterInput{
		ReplyInput: handling.ReplyInput{Body: "三条线路明年起对接。"}, Originals: []handling.OriginalInput{{MatterID: merged, Body: "换乘站下月开工。"}},
	})
	takeDown(w)
	for _, x := range []struct{ id, name, answer, other string }{
		{one, apptest.Author, "三条线路明年起对接。", "换乘站下月开工。"}, {two, apptest.OtherMember, "换乘站下月开工。", "三条线路明年起对接。"},
	} {
		v := readProposal(w, x.name, x.id)
		if v.Status != "UPPER_DONE" || v.Upper.Answer != x.answer {
			t.Errorf("%s reads %s, %+v", x.name, v.Status, v.Upper)
		}
		if said := bodies(w, x.name); !strings.Contains(said, x.answer) || strings.Contains(said, x.other) {
			t.Errorf("%s was told %s", x.name, said)
		}
	}
}

// refusesOn holds that staff are refused an action on a proposal as it stands.
func refusesOn(w *apptest.World, id, action string, body map[string]any, code string) {
	w.T.Helper()
	if a := w.Post(apptest.Staff, proposals+id+"/"+action, versioned(w, id, body)); a.Code() != code {
		w.T.Errorf("%s: %d %s, want %s", action, a.Status, a.Code(), code)
	}
}
