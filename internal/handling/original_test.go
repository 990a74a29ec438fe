package handling_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"yanlu/internal/app/apptest"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/workflow"
)

// letters are the terms of motions that are answered by letters, each original by
// its own.
func letters() handling.Terms {
	t := terms()
	t.Letter, t.PerOriginal = true, true
	return t
}

func letter(more map[string]any) map[string]any {
	body := replied()
	body["signer"], body["document_no"] = "马建设", "言住建函〔2026〕12号"
	maps.Copy(body, more)
	return body
}

// merged opens three motions of three members, the second and the third merged
// into the first, which is handed over to one unit.
func (s *stage) merged() (lead, one, two string) {
	s.T.Helper()
	lead = s.open(apptest.Author, "完善老旧小区无障碍设施")
	one, two = s.open(apptest.CoAuthor, "为老旧小区加装坡道"), s.open(apptest.OtherMember, "方便轮椅出行")
	for _, id := range []string{one, two} {
		s.on(apptest.Staff, id, "merge", func(v workflow.Seen) workflow.Input { return matter.MergeInput{Seen: v, TargetID: lead} })
	}
	s.handOver(lead, handling.Sole, 0)
	s.do("", lead, 0, "sign_for", signed())
	return lead, one, two
}

// reads lists the texts of the answers that somebody reads on a motion.
func (s *stage) reads(name, id string) []string {
	s.T.Helper()
	actor := s.actor(name)
	b := s.DB.Batch()
	d, t := s.Matters.Load(b, actor, motion, id), s.Handling.Load(b, motion, id)
	if err := b.Run(s.T.Context()); err != nil {
		s.T.Fatal(err)
	}
	insider := t.Insider(actor) || d.Insider(actor)
	if err := s.Matters.Finish(d, actor, insider); err != nil {
		s.T.Fatalf("%s may not read %s: %v", name, id, err)
	}
	if err := s.Handling.Finish(t, actor, insider); err != nil {
		s.T.Fatal(err)
	}
	var texts []string
	for _, r := range t.Replies {
		texts = append(texts, r.Body)
	}
	return texts
}

// TestALetterIsSigned where the kind asks for it, and there alone.
func TestALetterIsSigned(t *testing.T) {
	t.Parallel()
	s := newStage(t, letters())
	lead, _, _ := s.merged()
	wantCode(t, s.ask("", lead, 0, "reply", replied()), "matter.not_now")
	wantCode(t, s.ask("", lead, 0, "reply_by_letter", replied()), "request.invalid")
	s.do("", lead, 0, "reply_by_letter", letter(map[string]any{"public": true}))
	var r handling.Reply
	if err := s.DB.Gorm(t.Context()).Where("matter_id = ?", lead).First(&r).Error; err != nil || r.Signer != "马建设" || r.DocumentNo == "" || !r.Public {
		t.Errorf("%+v, %v", r, err)
	}

	plain := newStage(t, terms())
	id := plain.dispatched()
	plain.do("", id, 0, "sign_for", signed())
	a := plain.ask("", id, 0, "reply_by_letter", letter(nil))
	wantCode(t, a, "matter.not_now")
	var offered struct{ Actions []struct{ Name string } }
	raw := plain.ask("", id, 0, "log_contact", map[string]any{"way": "VISIT", "summary": "听取了意见。"}).Body
	if err := json.Unmarshal(raw, &offered); err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, x := range offered.Actions {
		names = append(names, x.Name)
	}
	if !slices.Contains(names, "reply") || slices.Contains(names, "reply_by_letter") {
		t.Errorf("offered: %v", names)
	}
}

// TestEachOriginalHasItsAnswer: the one for all, or its own; its authors are told
// of it under its own title, and read no other's.
func TestEachOriginalHasItsAnswer(t *testing.T) {
	t.Parallel()
	s := newStage(t, letters())
	lead, one, two := s.merged()
	foreign := s.open(apptest.OtherMember, "另一件")
	answer := func(id string) map[string]any {
		return map[string]any{"matter_id": id, "body": "坡道已列入今年计划。", "outcome": "A"}
	}
	for name, wrong := range map[string][]any{
		"what was not merged": {answer(foreign)}, "the lead itself": {answer(lead)}, "one twice": {answer(one), answer(one)},
	} {
		if a := s.ask("", lead, 0, "reply_by_letter", letter(map[string]any{"originals": wrong})); a.Code() != "handling.original" {
			t.Errorf("%s: %d %s", name, a.Status, a.Code())
		}
	}
	send := letter(map[string]any{"originals": []any{answer(one)}})
	s.do("", lead, 0, "reply_by_letter", send)
	if got := s.reads(apptest.CoAuthor, one); len(got) != 0 {
		t.Errorf("before it passed its author reads %v", got)
	}
	s.do(apptest.Staff, lead, 0, "send_back_reply", map[string]any{"reason": "请写明日期。"})
	s.do("", lead, 0, "reply_by_letter", send)
	s.do(apptest.Staff, lead, 0, "pass", nil)
	common, own := []string{"已列入年度改造计划。"}, []string{"坡道已列入今年计划。"}
	for _, x := range []struct {
		name, id string
		want     []string
	}{
		{apptest.Author, lead, common}, {apptest.CoAuthor, one, own}, {apptest.OtherMember, two, common}, {apptest.CoAuthor, lead, common},
		{apptest.LeadHandler, lead, slices.Concat(common, own, common, own)},
	} {
		if got := s.reads(x.name, x.id); !slices.Equal(got, x.want) {
			t.Errorf("%s reads on %s: %v, want %v", x.name, x.id, got, x.want)
		}
	}
	for name, id := range map[string]string{apptest.Author: lead, apptest.CoAuthor: one, apptest.OtherMember: two} {
		got := s.told(name, id)
		if len(got) == 0 || got[len(got)-1] != "您的议案有答复了" {
			t.Errorf("%s was told of %s: %v", name, id, got)
		}
		if id != lead && slices.Contains(s.told(name, lead), "您的议案有答复了") {
			t.Errorf("%s was told of the lead as well", name)
		}
	}
}

// TestEachOriginalIsRated by its own first author, also when the lead is closed; one
// who is not satisfied has it looked at again.
func TestEachOriginalIsRated(t *testing.T) {
	t.Parallel()
	s := newStage(t, letters())
	lead, one, two := s.merged()
	rate := func(result handling.Grade, comment string) func(workflow.Seen) workflow.Input {
		return func(v workflow.Seen) workflow.Input {
			return handling.RateOriginalInput{Seen: v, Attitude: handling.Satisfied, Result: result, Comment: comment}
		}
	}
	wantFault(t, s.try(apptest.CoAuthor, one, "rate_original", rate(handling.Satisfied, "")), handling.ErrRated) // nothing is answered yet
	s.do("", lead, 0, "reply_by_letter", letter(nil))
	s.do(apptest.Staff, lead, 0, "pass", nil)
	wantFault(t, s.try(apptest.Author, one, "rate_original", rate(handling.Satisfied, "")), matter.ErrNotYours)
	s.on(apptest.CoAuthor, one, "rate_original", rate(handling.Satisfied, ""))
	wantFault(t, s.try(apptest.CoAuthor, one, "rate_original", rate(handling.Satisfied, "")), handling.ErrRated)
	s.on(apptest.Author, lead, "rate", func(v workflow.Seen) workflow.Input {
		return handling.RateInput{Seen: v, Attitude: handling.Satisfied, Result: handling.Satisfied}
	})
	wantFault(t, s.try(apptest.OtherMember, two, "rate_original", rate(handling.Dissatisfied, "")), handling.ErrWhy)
	s.on(apptest.OtherMember, two, "rate_original", rate(handling.Dissatisfied, "没有说明完成时间。"))
	var x matter.Matter
	if err := s.DB.Gorm(t.Context()).Where("id = ?", lead).First(&x).Error; err != nil || x.Status != handling.Unsatisfied || x.ClosedAt != nil {
		t.Errorf("%+v, %v", x, err)
	}
	s.on(apptest.Staff, lead, "rehandle", func(v workflow.Seen) workflow.Input {
		return handling.RehandleInput{Reasoned: workflow.Reasoned{Seen: v, Reason: "请写明完成时间。"}}
	})
	s.do("", lead, 0, "sign_for", signed())
	s.do("", lead, 0, "reply_by_letter", letter(nil))
	s.do(apptest.Staff, lead, 0, "pass", nil)
	s.on(apptest.CoAuthor, one, "rate_original", rate(handling.Satisfied, "")) // of the second answer
}
