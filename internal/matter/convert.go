package matter

import (
	"context"
	"fmt"

	"yanlu/internal/fault"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// ErrConvert is the fault of a kind that takes in nothing of another.
var ErrConvert = fault.New(fault.Invalid, "matter.convert", "不能转为这一类事项，请重新选择。")

// Converted is the state, of every kind, of what goes on as a matter of another.
const Converted workflow.Status = "CONVERTED"

// ConvertInput turns a matter into one of another kind.
type ConvertInput struct {
	workflow.Reasoned
	Kind Kind `json:"kind" minLength:"1" maxLength:"30" example:"opinion" label:"转为" widget:"choice" options:"kinds" doc:"转为哪一类事项"`
}

// Content is what a matter says, in the words that every kind understands.
type Content struct {
	Title, Body, Category, Place string
}

// Intake makes a matter of its kind of what another kind hands over. It is given
// the move of the old matter, and returns the new one, which it has opened with
// Service.TakeIn; the old one learns of it in the same transaction.
type Intake func(ctx context.Context, m *Move, c Content) (Matter, error)

// ConvertRules returns the action of converting for a head's table: from the
// given states, by the given parties.
func ConvertRules(from []workflow.Status, who []workflow.Party) []workflow.Rule {
	return []workflow.Rule{
		{Action: "convert", Label: "转为其他类别", From: from, To: []workflow.Status{Converted}, Who: who, Input: ConvertInput{}, Audience: workflow.Everyone},
	}
}

// Convertible lists the kinds into which a matter of a kind may be converted.
func (s *Service) Convertible(kind Kind) []Head {
	var heads []Head
	for _, h := range s.Heads() {
		if h.Kind != kind && h.Intake != nil {
			heads = append(heads, h)
		}
	}
	return heads
}

// Convert returns the effect of converting for a kind whose matters say what
// content reads. Authors go along, with their consent, and are told where their
// matter went; the chain is kept by its origin.
func (s *Service) Convert(content func(ctx context.Context, c store.Conn, x Matter) (Content, error)) Effect {
	return func(ctx context.Context, m *Move) error {
		in := m.Input.(ConvertInput)
		head, ok := s.heads[in.Kind]
		if !ok || head.Intake == nil || in.Kind == m.Matter.Kind {
			return ErrConvert
		}
		merged, err := m.HasMerged(ctx)
		if err != nil {
			return err
		}
		if merged { // theirs would go along unasked: they are taken out first
			return ErrOthersIn
		}
		c, err := content(ctx, m.Tx, m.Matter)
		if err != nil {
			return fmt.Errorf("read what is converted: %w", err)
		}
		next, err := head.Intake(ctx, m, c)
		if err != nil {
			return err
		}
		m.Comment = "转为" + head.Flow.Label + "。" + in.Reason
		m.tellAll(next, m.Authors, notify.Decision, "您的"+m.Flow.Label+"已转为"+head.Flow.Label,
			fmt.Sprintf("“%s”已转为%s继续办理，有进展会告诉您。%s", m.Matter.Title, head.Flow.Label, in.Reason), m.Words("已转办"))
		return nil
	}
}

// TakeIn opens a matter of a kind with the content, the files and the authors of another,
// whose move m is. It begins where the action of the kind's table leads that
// brings what is handed in into being, by the paper's or the phone's date of the
// old one. The kind adds its own row to the move that is returned, and delivers
// it.
func (s *Service) TakeIn(ctx context.Context, m *Move, kind Kind, action string, c Content) (*Move, error) {
	flow := s.heads[kind].Flow
	rule, ok := flow.Rule(action)
	if !ok || len(rule.From) > 0 {
		return nil, fmt.Errorf("take in %s: %s brings nothing into being", kind, action)
	}
	origin := m.Matter.ID
	x := Matter{
		ID: store.NewID(), InstitutionID: m.Matter.InstitutionID, Kind: kind, Title: c.Title, Status: rule.To[0], Category: c.Category,
		Visibility: Parties, Source: m.Matter.Source, OriginID: &origin, Version: 1, SubmittedAt: m.Matter.SubmittedAt, CreatedAt: m.Now, UpdatedAt: m.Now,
	}
	var authors []Author
	for _, a := range m.Authors {
		a.MatterID, a.ViaMatterID, a.OwnConsent = x.ID, nil, nil
		authors = append(authors, a)
	}
	taken := &Move{
		Tx: m.Tx, Now: m.Now, By: m.By, Flow: flow, Rule: rule, Matter: x, Authors: authors, To: x.Status,
		Subject: Subject{Table: "matters", ID: x.ID}, Comment: "由" + m.Flow.Label + "转来",
	}
	m.Tx.Insert(&x)
	for i := range authors {
		m.Tx.Insert(&authors[i])
	}
	m.Tx.Insert(taken.event())
	if err := s.files.Copy(ctx, m.Tx, m.Matter.ID, x.ID, x.InstitutionID); err != nil {
		return nil, err
	}
	state, _ := flow.State(x.Status)
	return taken, s.Begin(ctx, m.Tx, Beginning{Matter: x, State: state, First: taken.FirstAuthor(), Now: m.At})
}
