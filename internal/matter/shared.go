package matter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// ErrColleague is the fault of a colleague who does not work in the office.
var ErrColleague = fault.New(fault.Invalid, "matter.colleague", "没有找到这位同事，请从列表中重新选择。")

// AgreeInput agrees to be a co-author; DeclineInput declines.
type AgreeInput struct{ workflow.Seen }

// DeclineInput declines to be a co-author.
type DeclineInput struct{ workflow.Seen }

// NoteInput is a note that the office keeps to itself.
type NoteInput struct {
	workflow.Seen
	Text string `json:"text" minLength:"1" maxLength:"500" example:"已与住建局电话核实，路灯归他们管。" label:"内部备注" widget:"textarea" phrases:"yes" doc:"内部备注，只有本单位工作人员看得到"`
}

// TakeInput takes a matter in hand.
type TakeInput struct{ workflow.Seen }

// PassOnInput passes a matter to a colleague.
type PassOnInput struct {
	workflow.Seen
	ColleagueID string `json:"colleague_id" format:"uuid" label:"交给" widget:"choice" options:"colleagues" doc:"交给哪位同事"`
	Note        string `json:"note,omitempty" maxLength:"200" example:"我下周出差，请您接着办。" label:"留言" widget:"textarea" doc:"留言，可不填"`
}

// SharedRules returns the actions that every kind has beside its own: who is
// named as a co-author answers, and the office keeps notes and shares its work.
// Open lists the states in which the matter goes on.
func SharedRules(open []workflow.Status, office []workflow.Party) []workflow.Rule {
	invited, asked := []workflow.Party{Invited}, append(slices.Clone(open), Merged)
	return []workflow.Rule{
		{Action: "agree", Label: "同意联名", From: asked, Who: invited, Input: AgreeInput{}, Audience: workflow.Everyone, Usual: true},
		{Action: "decline", Label: "不参加联名", From: asked, Who: invited, Input: DeclineInput{}, Audience: workflow.Everyone},
		{Action: "note", Label: "内部备注", From: open, Who: office, Input: NoteInput{}, Audience: workflow.Office},
		{Action: "take", Label: "我来办", From: open, Who: office, Input: TakeInput{}, Audience: workflow.Office},
		{Action: "pass_on", Label: "交给同事", From: open, Who: office, Input: PassOnInput{}, Audience: workflow.Office, Bulk: true},
	}
}

// SharedEffects returns what the actions of SharedRules, MergeRules, HandUpRules and
// ClassifyRule do.
func (s *Service) SharedEffects() map[string]Effect {
	return map[string]Effect{
		"agree": s.answer(Given, "同意联名"), "decline": s.answer(Declined, "没有参加联名"),
		"note": note, "take": take, "pass_on": passOn, "merge": s.merge, "unmerge": s.unmerge,
		"hand_up": s.handUp, "book_above": bookAbove, "classify": classify,
	}
}

// answer books what somebody said who was asked to be a co-author.
func (s *Service) answer(consent Consent, words string) Effect {
	return func(_ context.Context, m *Move) error {
		// The same answer stands on all that was merged with this, one into another: it
		// is one matter now, and a later merge must not ask again.
		m.Tx.Exec(`UPDATE authors SET consent = ? WHERE person_id = ? AND consent = ? AND matter_id IN (
			WITH RECURSIVE up (id, into_id) AS (
				SELECT id, merged_into FROM matters WHERE id = ? UNION SELECT m.id, m.merged_into FROM matters m JOIN up ON m.id = up.into_id
			), down (id) AS (
				SELECT id FROM up WHERE into_id IS NULL UNION SELECT m.id FROM matters m JOIN down ON m.merged_into = down.id
			) SELECT id FROM down)`, consent, m.Actor.PersonID, Asked, m.Matter.ID)
		m.Comment = m.Actor.Name
		m.Tell(m.Matter, []string{m.FirstAuthor()}, notify.Decision, m.Actor.Name+words, fmt.Sprintf("%s%s“%s”。", m.Actor.Name, words, m.Matter.Title), m.Words(words))
		return nil
	}
}

func note(_ context.Context, m *Move) error {
	m.Comment = m.Input.(NoteInput).Text
	return nil
}

func take(_ context.Context, m *Move) error {
	m.Set("assignee_id", m.Typist.PersonID)
	return nil
}

func passOn(ctx context.Context, m *Move) error {
	in := m.Input.(PassOnInput)
	colleague, err := colleagueOf(ctx, m.Tx, m.Typist, in.ColleagueID, calendar.Of(m.Now))
	if err != nil {
		return err
	}
	m.Set("assignee_id", colleague.PersonID)
	m.Comment = "交给" + colleague.Name
	if in.Note != "" {
		m.Comment += "：" + in.Note
	}
	m.Tell(m.Matter, []string{colleague.PersonID}, notify.Task, m.Typist.Name+"交给您一件"+m.Flow.Label,
		fmt.Sprintf("“%s”请您办理。%s", m.Matter.Title, in.Note), m.Words("交您办理"))
	return nil
}

// colleagueOf finds somebody who works in the actor's office.
func colleagueOf(ctx context.Context, c store.Conn, a member.Actor, id string, day calendar.Day) (member.Actor, error) {
	found, err := member.Actors(ctx, c, a.InstitutionID, []string{id}, day)
	if errors.Is(err, member.ErrNotFound) || err == nil && !Clerk(found[0]) {
		return member.Actor{}, ErrColleague
	}
	if err != nil {
		return member.Actor{}, err
	}
	return found[0], nil
}

// Reassign passes what somebody of the office has in hand to a colleague, because
// they are away: up to MaxBulk matters, the oldest, and reports whether there are
// more. ErrColleague tells of somebody who is none.
func (s *Service) Reassign(ctx context.Context, tx *store.Tx, a member.Actor, from, to string) (passed []Matter, more bool, err error) {
	now := s.now()
	colleague, err := colleagueOf(ctx, tx.Peek(), a, to, calendar.Of(now))
	if err != nil {
		return nil, false, err
	}
	var ids []string
	err = tx.Gorm(ctx).Raw("SELECT id FROM matters WHERE institution_id = ? AND assignee_id = ? AND closed_at IS NULL ORDER BY id LIMIT ?",
		a.InstitutionID, from, MaxBulk+1).Scan(&ids).Error
	if err != nil {
		return nil, false, fmt.Errorf("find what somebody has in hand: %w", err)
	}
	if more = len(ids) > MaxBulk; more {
		ids = ids[:MaxBulk]
	}
	if len(ids) == 0 {
		return nil, false, nil
	}
	if err := Lock(ctx, tx, ids...); err != nil {
		return nil, false, err
	}
	passed, err = gorm.G[Matter](tx.Gorm(ctx)).Where("id IN ? AND assignee_id = ?", ids, from).Order("id").Find(ctx)
	if err != nil || len(passed) == 0 {
		return nil, more, err
	}
	for _, x := range passed {
		tx.Exec("UPDATE matters SET assignee_id = ?, updated_at = ? WHERE id = ?", to, now, x.ID)
		tx.Insert(beside(x, a, workflow.Office, "reassign", "交给同事", "交给"+colleague.Name, now))
	}
	first := passed[0]
	due, err := nextDue(ctx, tx, first.ID)
	if err != nil {
		return nil, more, err
	}
	return passed, more, s.notify.Tell(tx, notify.Notice{
		InstitutionID: a.InstitutionID, People: []string{to}, Event: notify.Task, MatterID: first.ID, Kind: string(first.Kind),
		Title: fmt.Sprintf("%s把%d件事项交给您", a.Name, len(passed)), Body: fmt.Sprintf("“%s”等%d件事项现在由您办理，请在待办中查看。", first.Title, len(passed)),
		Values: s.words(first, map[string]string{"status": "交您办理", "due": due}),
	})
}

// LogCall adds a line to the timeline of a matter: somebody of the office told
// person by telephone what no push could. It is for the office to read.
func (s *Service) LogCall(ctx context.Context, tx *store.Tx, a member.Actor, matterID, person, what string) error {
	rows, err := gorm.G[Matter](tx.Gorm(ctx)).Where("id = ? AND institution_id = ?", matterID, a.InstitutionID).Limit(1).Find(ctx)
	if err != nil {
		return fmt.Errorf("find the matter of a call: %w", err)
	}
	now := s.now()
	for _, x := range rows {
		tx.Insert(beside(x, a, workflow.Office, "call", "电话告知", person+"："+what, now))
	}
	return nil
}

// beside is a line that the office writes beside the moves, for itself or for
// others who read it.
func beside(x Matter, a member.Actor, read workflow.Audience, action, label, comment string, now time.Time) *Event {
	return &Event{
		ID: store.NewID(), InstitutionID: x.InstitutionID, MatterID: x.ID, Action: action, Label: label, FromStatus: x.Status, ToStatus: x.Status,
		ActorID: &a.PersonID, ActorName: a.Name, TypedBy: &a.PersonID, Audience: read, Comment: comment, ActedAt: now, RecordedAt: now,
	}
}
