package matter

import (
	"context"
	"fmt"
	"slices"

	"yanlu/internal/notify"
)

// AskAgain asks the co-authors once more who had agreed, because what they agreed
// to has been changed: their consent was to the text as it stood (domain.md §3.3).
// Whoever has a matter of their own merged into this one agreed to that, and stays
// so. A change that is recorded from paper asks nobody: they signed it.
func (m *Move) AskAgain(ctx context.Context) error {
	var people []string
	for _, a := range m.Authors {
		if a.Role == Co && a.Consent == Given && a.ViaMatterID == nil && a.OwnConsent == nil {
			people = append(people, a.PersonID)
		}
	}
	if len(people) == 0 || m.OnPaper() {
		return nil
	}
	var merged []string
	err := m.Tx.Gorm(ctx).Raw(`SELECT one.person_id FROM authors one JOIN matters other ON other.id = one.matter_id
		WHERE other.merged_into = ? AND one.person_id IN ? AND one.consent = ?`, m.Matter.ID, people, Given).Scan(&merged).Error
	if err != nil {
		return fmt.Errorf("find who came by a merge as well: %w", err)
	}
	people = slices.DeleteFunc(people, func(id string) bool { return slices.Contains(merged, id) })
	if len(people) == 0 {
		return nil
	}
	m.Tx.Exec("UPDATE authors SET consent = ? WHERE matter_id = ? AND person_id IN ?", Asked, m.Matter.ID, people)
	for i, a := range m.Authors {
		if slices.Contains(people, a.PersonID) {
			m.Authors[i].Consent = Asked
		}
	}
	m.Tell(m.Matter, people, notify.Task, "文本有修改，请您再看看",
		fmt.Sprintf("%s修改了“%s”。您之前同意联名的是修改前的文本，请打开看看，同意或不参加。", m.Actor.Name, m.Matter.Title), m.Words("请再确认"))
	return nil
}
