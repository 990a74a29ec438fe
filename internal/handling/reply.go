package handling

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"yanlu/internal/attachment"
	"yanlu/internal/matter"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

func (s *Service) signFor(_ context.Context, st *step) error {
	in := st.Input.(SignForInput)
	sealed, err := s.sealPhone(in.HandlerPhone, handlerContext(st.assignment.ID))
	if err != nil {
		return err
	}
	st.Comment = st.unit
	st.Set("handler_name", in.HandlerName)
	st.Set("handler_phone_sealed", sealed)
	st.Holder = matter.UnitHolder(st.assignment.UnitID)
	return nil
}

func (s *Service) giveOpinion(_ context.Context, st *step) error {
	st.Tx.Insert(newReply(st, Opinion, st.Input.(OpinionInput).Body))
	return nil
}

func (s *Service) reply(ctx context.Context, st *step) error {
	var in LetterInput
	switch given := st.Input.(type) {
	case ReplyInput:
		in.ReplyInput = given
	case LetterInput:
		in = given
	}
	in.Way = cmp.Or(in.Way, st.assignment.ContactWay, None)
	r := newReply(st, Answer, in.Body)
	sealed, err := s.sealPhone(in.ContactPhone, contactContext(r.ID))
	if err != nil {
		return err
	}
	outcomes, err := Outcomes().Of(ctx, st.Tx, st.Matter.InstitutionID)
	if err != nil {
		return err
	}
	r.ContactName, r.ContactPhoneSealed, r.Way, r.Signer, r.DocumentNo, r.Public = in.ContactName, sealed, in.Way, in.Signer, in.DocumentNo, in.Public
	if err := r.result(outcomes, in.Outcome); err != nil {
		return err
	}
	st.Tx.Insert(r)
	if err := s.answerOriginals(ctx, st, *r, in, outcomes); err != nil {
		return err
	}
	if in.Way != None { // they spoke before it was written
		s.meetContact(st)
	}
	return s.files.Refer(ctx, st.Tx, st.Typist, in.Files, attachment.Reference{
		MatterID: r.MatterID, AssignmentID: &r.AssignmentID, PartID: &r.ID, Purpose: attachment.ForReply, Public: true,
	})
}

// result gives the reply an outcome of the institution's, or returns ErrOutcome.
func (r *Reply) result(all []Outcome, code string) error {
	o, err := outcomeIn(all, code)
	r.Outcome, r.OutcomeLabel, r.CurrentOutcome = o.Code, o.Label, o.Code
	return err
}

// answerOriginals writes the answers to those originals that get another than the
// one for all. ErrOriginal tells of one that was not merged into the matter.
func (s *Service) answerOriginals(ctx context.Context, st *step, common Reply, in LetterInput, outcomes []Outcome) error {
	if len(in.Originals) == 0 {
		return nil
	}
	if !st.terms.PerOriginal {
		return ErrOriginal
	}
	all, err := s.matters.Originals(ctx, st.Move)
	if err != nil {
		return err
	}
	merged := map[string]bool{}
	for _, o := range all[1:] {
		merged[o.ID] = true
	}
	for _, x := range in.Originals {
		if n := utf8.RuneCountInString(x.Body); !merged[x.MatterID] || n < 2 || n > 3000 {
			return ErrOriginal
		}
		merged[x.MatterID] = false // each once
		r, about := common, x.MatterID
		r.ID, r.AboutID, r.Body = store.NewID(), &about, x.Body
		if r.ContactPhoneSealed, err = s.sealPhone(in.ContactPhone, contactContext(r.ID)); err != nil {
			return err
		}
		if x.Outcome != "" {
			if err := r.result(outcomes, x.Outcome); err != nil {
				return err
			}
		}
		r.DocumentNo = cmp.Or(x.DocumentNo, r.DocumentNo)
		st.Tx.Insert(&r)
	}
	return nil
}

func newReply(st *step, kind ReplyKind, body string) *Reply {
	return &Reply{
		ID: store.NewID(), InstitutionID: st.Matter.InstitutionID, MatterID: st.Matter.ID, AssignmentID: st.assignment.ID,
		Round: st.assignment.Round, Kind: kind, Body: body, SubmittedAt: st.At,
	}
}

// sendBack returns a reply to its unit; the time to answer goes on from where
// it stood.
func (s *Service) sendBack(ctx context.Context, st *step) error {
	st.Holder = matter.UnitHolder(st.assignment.UnitID)
	if _, err := s.judge(ctx, st, SentBack); err != nil {
		return err
	}
	return s.toUnits(ctx, st.Move, notify.Task, "答复请修改后再提交", "“"+st.Matter.Title+"”的答复需要修改："+st.Comment, st.assignment.UnitID)
}

// pass lets the reply go: the matter is answered, opinions that are still out
// lapse, and every author is told.
func (s *Service) pass(ctx context.Context, st *step) error {
	r, err := s.judge(ctx, st, Passed)
	if err != nil {
		return err
	}
	short, err := shortOf(ctx, st, r)
	if err != nil {
		return err
	}
	result := "，办理结果：" + r.OutcomeLabel
	if st.terms.PerOriginal { // each may have another
		result = ""
	}
	said, err := s.wordsOf(ctx, st, r)
	if err != nil {
		return err
	}
	if st.assignment.Role == Separate {
		st.next = func(ctx context.Context) error { return s.oneAnswered(ctx, st, result, short, said) }
		return nil
	}
	st.next = func(ctx context.Context) error {
		if err := s.endOthers(ctx, st, "lapse", "会办意见无需再提", "“"+st.Matter.Title+"”已由主办单位答复，不需要再提会办意见。"); err != nil {
			return err
		}
		return s.matters.Settle(ctx, st.Move, "settle", func(m *matter.Move) error {
			m.Comment = st.unit
			return s.answers(ctx, m, said, "已答复", map[string]string{"unit": st.unit, "outcome": short, "note": "请查看答复并评价"}, "您的"+m.Flow.Label+"有答复了",
				func(of string) string {
					return fmt.Sprintf("“%s”已由%s答复%s。请查看并评价。", of, st.unit, result)
				})
		})
	}
	return nil
}

// separate lists the units that have answered by themselves in this round, and
// tells how many have still to.
func (s *Service) separate(ctx context.Context, st *step) (answered []string, open int, err error) {
	if st.assignment.Role != Separate {
		return nil, 0, nil
	}
	var rows []struct {
		Name   string
		Status workflow.Status
	}
	err = st.Tx.Gorm(ctx).Raw(`SELECT units.name, assignments.status FROM assignments JOIN units ON units.id = assignments.unit_id
		WHERE matter_id = ? AND round = ? AND assignments.role = ? ORDER BY assignments.id`, st.Matter.ID, st.assignment.Round, Separate).Scan(&rows).Error
	if err != nil {
		return nil, 0, fmt.Errorf("find who answers by themselves: %w", err)
	}
	for _, r := range rows {
		switch {
		case r.Status == AnswerGiven:
			answered = append(answered, r.Name)
		case !s.flow.Ends(r.Status):
			open++
		}
	}
	return answered, open, nil
}

// oneAnswered tells of the answer of one of several units, which is the last one,
// or others are to follow.
func (s *Service) oneAnswered(ctx context.Context, st *step, result, short string, said wording) error {
	done, open, err := s.separate(ctx, st)
	if err != nil {
		return err
	}
	if open == 0 {
		return s.allAnswered(ctx, st, done, short, said)
	}
	values := map[string]string{"unit": st.unit, "outcome": short, "note": fmt.Sprintf("还有%d个单位正在办理", open)}
	return s.answers(ctx, st.Move, said, "部分答复", values, "您的"+st.kind()+"有一个单位答复了", func(of string) string {
		return fmt.Sprintf("“%s”由几个单位分别办理。%s已答复%s。还有%d个单位正在办理，都答复后请您评价。", of, st.unit, result, open)
	})
}

// allAnswered moves the matter on when all units that answer by themselves have
// done so; short is the result of the last, and said what it wrote, empty where it
// was released instead.
func (s *Service) allAnswered(ctx context.Context, st *step, units []string, short string, said wording) error {
	return s.matters.Settle(ctx, st.Move, "settle", func(m *matter.Move) error {
		m.Comment = strings.Join(units, "、")
		values := map[string]string{"unit": units[len(units)-1], "note": "请查看答复并评价"}
		if short != "" {
			values["outcome"] = short
		}
		return s.answers(ctx, m, said, "已答复", values, "您的"+m.Flow.Label+"有答复了", func(of string) string {
			return fmt.Sprintf("“%s”已由%s分别答复。请查看并评价。", of, m.Comment)
		})
	})
}

// shortOf is what a push says of the outcome of a reply: its words may have been
// set anew since, and then those of the reply are cut.
func shortOf(ctx context.Context, st *step, r Reply) (string, error) {
	o, err := outcomeOf(ctx, st.Tx, st.Matter.InstitutionID, r.Outcome)
	if errors.Is(err, ErrOutcome) {
		return r.OutcomeLabel, nil
	}
	return o.Short, err
}

// wording is what a letter says: for all, and for those originals that got others.
type wording struct {
	all string
	of  map[string]string
}

// wordsOf reads what goes with the answer to those below who read no more of it than
// they are told.
func (s *Service) wordsOf(ctx context.Context, st *step, r Reply) (wording, error) {
	w := wording{all: r.Body, of: map[string]string{}}
	if !st.terms.PerOriginal {
		return w, nil
	}
	rows, err := gorm.G[Reply](st.Tx.Gorm(ctx)).Where("assignment_id = ? AND submitted_at = ? AND about_id IS NOT NULL", r.AssignmentID, r.SubmittedAt).Find(ctx)
	if err != nil {
		return w, fmt.Errorf("find the answers to single originals: %w", err)
	}
	for _, x := range rows {
		w.of[*x.AboutID] = x.Body
	}
	return w, nil
}

// answers tells the authors of an answer: title and body say what of a matter with
// the given title. Where each original has its own answer, the authors of each are
// told of theirs.
func (s *Service) answers(ctx context.Context, m *matter.Move, said wording, status string, values map[string]string, title string, body func(of string) string) error {
	m.Enclose(said.all)
	if !s.kinds[m.Matter.Kind].PerOriginal {
		push := m.Words(status)
		maps.Copy(push, values)
		m.TellAuthors(notify.Reply, title, body(m.Matter.Title), push)
		return nil
	}
	originals, err := s.matters.Originals(ctx, m)
	if err != nil {
		return err
	}
	if len(originals) > 1 { // each may have another
		delete(values, "outcome")
	}
	for _, o := range originals {
		push := m.WordsOf(o.Matter, status)
		maps.Copy(push, values)
		m.TellOriginal(o, said.of[o.ID], notify.Reply, title, body(o.Title), push)
	}
	return nil
}

// judge writes the verdict on the reply that is being checked, with those to single
// originals, and returns it.
func (s *Service) judge(ctx context.Context, st *step, v Verdict) (Reply, error) {
	r, err := gorm.G[Reply](st.Tx.Gorm(ctx)).Where("assignment_id = ? AND kind = ? AND verdict = '' AND about_id IS NULL", st.assignment.ID, Answer).
		Order("id DESC").First(ctx)
	if err != nil {
		return Reply{}, fmt.Errorf("find the reply under check: %w", err)
	}
	st.Tx.Exec("UPDATE replies SET verdict = ?, checked_at = ? WHERE assignment_id = ? AND kind = ? AND verdict = ''", v, st.At, st.assignment.ID, Answer)
	return r, nil
}

// endOthers ends the other assignments of this round that are still open, by an
// action of the system, and tells their units.
func (s *Service) endOthers(ctx context.Context, st *step, action, title, body string) error {
	rule, _ := s.flow.Rule(action) // the same for all
	open, err := gorm.G[Assignment](st.Tx.Gorm(ctx)).
		Where("matter_id = ? AND round = ? AND id <> ? AND status IN ?", st.Matter.ID, st.assignment.Round, st.assignment.ID, rule.From).
		Order("id").Find(ctx)
	if err != nil {
		return fmt.Errorf("find open assignments: %w", err)
	}
	var units []string
	for _, asg := range open {
		units = append(units, asg.UnitID)
		err := s.matters.Apply(ctx, &matter.Move{
			Tx: st.Tx, Now: st.Now, By: st.By, Flow: s.FlowOf(st.Matter.Kind, asg.Role), Rule: rule, Matter: st.Matter, Authors: st.Authors,
			Subject: matter.Subject{Table: "assignments", ID: asg.ID, AssignmentID: &asg.ID, Status: asg.Status, Version: asg.Version},
		})
		if err != nil {
			return err
		}
	}
	if len(units) == 0 {
		return nil
	}
	return s.toUnits(ctx, st.Move, notify.Task, title, body, units...)
}

func handlerContext(id string) string { return "assignments.handler_phone:" + id }
func contactContext(id string) string { return "replies.contact_phone:" + id }

// phone is a mobile number, or a fixed line with its area code and perhaps an
// extension.
var phone = regexp.MustCompile(`^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,6})?|\d{7,8})$`)

func (s *Service) sealPhone(number, context string) ([]byte, error) {
	number = strings.ReplaceAll(number, " ", "")
	if !phone.MatchString(number) {
		return nil, ErrPhone
	}
	return s.keeper.Seal(number, context)
}
