package matter

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"yanlu/internal/fault"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// The faults of merging.
var (
	ErrMergeTarget = fault.New(fault.Invalid, "matter.merge_target", "没有找到可以并入的事项：它须是同一类、尚未答复，也没有并入别处，并且不是这一件本身。")
	ErrMergedLater = fault.New(fault.Conflict, "matter.merged_later", "并入的那一件已经答复或又并入了别处，不能再撤销合并。")
	ErrOthersIn    = fault.New(fault.Conflict, "matter.others_in", "已有其他委员的事项并入这一件，不能直接撤回。请联系工作人员。")
)

// MergeInput merges a matter into another of its kind.
type MergeInput struct {
	workflow.Seen
	TargetID string `json:"target_id" format:"uuid" label:"并入" widget:"matter" options:"matters" doc:"并入哪一件"`
	Note     string `json:"note,omitempty" maxLength:"200" example:"两件都建议修复人民路路灯。" label:"相同之处" widget:"textarea" doc:"相同之处，可不填"`
}

// UnmergeInput undoes a merge.
type UnmergeInput struct{ workflow.Reasoned }

// Merged is the state, of every kind, of what was merged into another.
const Merged workflow.Status = "MERGED"

// MergeRules returns the actions of merging (并案) for a head's table: from the
// given states, which an undone merge goes back to, by the given parties.
func MergeRules(from []workflow.Status, who []workflow.Party) []workflow.Rule {
	return []workflow.Rule{
		{Action: "merge", Label: "并案", From: from, To: []workflow.Status{Merged}, Who: who, Input: MergeInput{}, Audience: workflow.Everyone},
		{Action: "unmerge", Label: "撤销并案", From: []workflow.Status{Merged}, To: from, Who: who, Input: UnmergeInput{}, Audience: workflow.Everyone},
	}
}

// merge makes the authors of a matter authors of another, which goes on for
// both. Nobody is lost, and the chain stays to be read.
func (s *Service) merge(ctx context.Context, m *Move) error {
	in := m.Input.(MergeInput)
	if in.TargetID == m.Matter.ID || !store.IsID(in.TargetID) {
		return ErrMergeTarget
	}
	target, authors, err := s.lockBoth(ctx, m, in.TargetID)
	if err != nil {
		return err
	}
	if !slices.Contains(s.heads[m.Matter.Kind].MergeInto, target.Status) {
		return ErrMergeTarget
	}
	m.Set("merged_into", target.ID)
	if m.Comment = "并入“" + target.Title + "”"; in.Note != "" {
		m.Comment += "。" + in.Note
	}
	if err := m.gather(ctx, target, m.Matter.ID, m.Authors); err != nil {
		return err
	}
	s.trace(m, target, fmt.Sprintf("“%s”并入", m.Matter.Title))
	m.TellAuthors(notify.Decision, "您的"+m.Flow.Label+"已合并办理",
		fmt.Sprintf("“%s”与另一件内容相近，已并入“%s”一起办理。您是共同提出人，答复会同样告诉您。", m.Matter.Title, target.Title), m.Words("已合并"))
	others := slices.DeleteFunc(agreed(authors), func(id string) bool { return slices.Contains(agreed(m.Authors), id) }) // who is an author of both was just told
	m.Tell(target, others, notify.Decision, "有相近的"+m.Flow.Label+"并入",
		fmt.Sprintf("“%s”已并入您的“%s”，一起办理，提出人相应增加。", m.Matter.Title, target.Title), m.Words("有并入"))
	return nil
}

// unmerge takes a matter out of the one that it was merged into.
func (s *Service) unmerge(ctx context.Context, m *Move) error {
	if m.Matter.MergedInto == nil {
		return fmt.Errorf("matter %s is merged into nothing", m.Matter.ID)
	}
	target, _, err := s.lockBoth(ctx, m, *m.Matter.MergedInto)
	if errors.Is(err, ErrMergeTarget) {
		return ErrMergedLater
	}
	if err != nil {
		return err
	}
	if !slices.Contains(s.heads[m.Matter.Kind].MergeInto, target.Status) {
		return ErrMergedLater
	}
	last, err := gorm.G[Event](m.Tx.Gorm(ctx)).Where("matter_id = ? AND action = 'merge' AND to_status = ?", m.Matter.ID, Merged).Order("id DESC").First(ctx)
	if err != nil {
		return fmt.Errorf("find the merge: %w", err)
	}
	m.To = last.FromStatus
	m.Set("merged_into", nil)
	if err := m.gather(ctx, target, m.Matter.ID, nil); err != nil {
		return err
	}
	s.trace(m, target, fmt.Sprintf("“%s”不再并入", m.Matter.Title))
	m.TellAuthors(notify.Decision, "您的"+m.Flow.Label+"改为单独办理",
		fmt.Sprintf("“%s”不再并入“%s”，改为单独办理。", m.Matter.Title, target.Title), m.Words("单独办理"))
	return nil
}

// lockBoth locks the matter of a move and another of its kind, always in the
// same order, and returns the other with its authors; ErrMergeTarget where the
// actor does not see it.
func (s *Service) lockBoth(ctx context.Context, m *Move, otherID string) (Matter, []Author, error) {
	if err := Lock(ctx, m.Tx, m.Matter.ID, otherID); err != nil {
		return Matter{}, nil, err
	}
	other, authors, err := s.Find(ctx, m.Tx, m.Typist, m.Matter.Kind, otherID)
	if errors.Is(err, ErrNotFound) {
		err = ErrMergeTarget
	}
	return other, authors, err
}

// Lock locks the rows of matters until the transaction ends, in one order for
// everybody, so that no two wait for each other.
func Lock(ctx context.Context, tx *store.Tx, ids ...string) error {
	if !tx.Postgres() {
		return nil // one writer at a time
	}
	var locked []string
	err := tx.Gorm(ctx).Raw("SELECT id FROM matters WHERE id IN ? ORDER BY id FOR UPDATE", ids).Scan(&locked).Error
	if err != nil {
		return fmt.Errorf("lock matters: %w", err)
	}
	return nil
}

// gather writes anew who came to a matter by merging: the authors of all that
// was merged into it, but of changed those given instead. Who is an author of
// what was merged is one of this, also where they were asked to be a co-author
// of it and have not agreed.
func (m *Move) gather(ctx context.Context, target Matter, changed string, instead []Author) error {
	var rows []Author
	err := m.Tx.Gorm(ctx).Raw(`SELECT au.* FROM authors au JOIN matters ma ON ma.id = au.matter_id
		WHERE ma.merged_into = ? AND ma.id <> ? ORDER BY ma.id, au.ordinal`, target.ID, cursorID(changed)).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("find the authors of what was merged: %w", err)
	}
	own, err := gorm.G[Author](m.Tx.Gorm(ctx)).Where("matter_id = ? AND via_matter_id IS NULL", target.ID).Order("ordinal").Find(ctx)
	if err != nil {
		return fmt.Errorf("find authors: %w", err)
	}
	m.Tx.Exec("DELETE FROM authors WHERE matter_id = ? AND via_matter_id IS NOT NULL", target.ID)
	rows = append(rows, instead...)
	there, given, ordinal := map[string]bool{}, map[string]bool{}, 0
	for _, a := range rows {
		given[a.PersonID] = given[a.PersonID] || a.Consent == Given
	}
	for _, a := range own {
		if ordinal = max(ordinal, a.Ordinal); a.Consent != Given && given[a.PersonID] {
			m.Tx.Exec("DELETE FROM authors WHERE matter_id = ? AND ordinal = ?", target.ID, a.Ordinal)
			continue
		}
		there[a.PersonID] = true
	}
	for _, a := range rows {
		if there[a.PersonID] || a.Consent == Declined || a.Consent == Named || a.Consent == Asked && given[a.PersonID] {
			continue
		}
		via := a.MatterID
		ordinal++
		there[a.PersonID] = true
		a.MatterID, a.Ordinal, a.Role, a.ViaMatterID = target.ID, ordinal, Co, &via
		m.Tx.Insert(&a)
	}
	return nil
}

// trace adds a line to the timeline of a matter that something else was done
// to.
func (s *Service) trace(m *Move, x Matter, comment string) {
	e := m.event()
	e.ID, e.MatterID, e.AssignmentID, e.FromStatus, e.ToStatus, e.Comment = store.NewID(), x.ID, nil, x.Status, x.Status, comment
	m.Tx.Insert(e)
}
