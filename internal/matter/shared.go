package matter

import (
	"context"
	"errors"
	"fmt"

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
	Text string `json:"text" minLength:"1" maxLength:"500" example:"已与住建局电话核实，路灯归他们管。" label:"内部备注" widget:"textarea" doc:"内部备注，只有本单位工作人员看得到"`
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
	invited := []workflow.Party{Invited}
	return []workflow.Rule{
		{Action: "agree", Label: "同意联名", From: open, Who: invited, Input: AgreeInput{}, Audience: workflow.Everyone},
		{Action: "decline", Label: "不参加联名", From: open, Who: invited, Input: DeclineInput{}, Audience: workflow.Everyone},
		{Action: "note", Label: "内部备注", From: open, Who: office, Input: NoteInput{}, Audience: workflow.Office},
		{Action: "take", Label: "我来办", From: open, Who: office, Input: TakeInput{}, Audience: workflow.Office},
		{Action: "pass_on", Label: "交给同事", From: open, Who: office, Input: PassOnInput{}, Audience: workflow.Office, Bulk: true},
	}
}

// SharedEffects returns what the actions of SharedRules and MergeRules do.
func (s *Service) SharedEffects() map[string]Effect {
	return map[string]Effect{
		"agree": s.answer(Given, "同意联名"), "decline": s.answer(Declined, "没有参加联名"),
		"note": note, "take": take, "pass_on": passOn, "merge": s.merge, "unmerge": s.unmerge,
	}
}

// answer books what somebody said who was asked to be a co-author: also in what
// was merged into the matter, so that merging more, or undoing it, does not ask
// them again.
func (s *Service) answer(consent Consent, words string) Effect {
	return func(_ context.Context, m *Move) error {
		m.Tx.Exec(`WITH RECURSIVE merged (id) AS (SELECT id FROM matters WHERE id = ?
				UNION SELECT ma.id FROM matters ma JOIN merged ON ma.merged_into = merged.id)
			UPDATE authors SET consent = ? WHERE person_id = ? AND consent = ? AND matter_id IN (SELECT id FROM merged)`,
			m.Matter.ID, consent, m.Actor.PersonID, Asked)
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

// Reassign passes all that somebody of the office has in hand to a colleague,
// because they are away. ErrColleague tells of somebody who is none.
func (s *Service) Reassign(ctx context.Context, tx *store.Tx, a member.Actor, from, to string) error {
	if _, err := colleagueOf(ctx, tx.Peek(), a, to, calendar.Of(s.now())); err != nil {
		return err
	}
	tx.Exec("UPDATE matters SET assignee_id = ?, updated_at = ? WHERE institution_id = ? AND assignee_id = ? AND closed_at IS NULL",
		to, s.now(), a.InstitutionID, from)
	return nil
}
