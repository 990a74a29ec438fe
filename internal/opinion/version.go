package opinion

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// The faults of versions.
var (
	ErrEdited   = fault.New(fault.Invalid, "opinion.edited", "编辑稿太长了：单篇最多1500字，综合和专报最多3000字。")
	ErrVersion  = fault.New(fault.Invalid, "opinion.version", "没有这一稿，请从列表中重新选择。")
	ErrVersions = fault.New(fault.Forbidden, "opinion.versions", "编辑过程中的各稿只有编办人员看得到。")
)

// Source is who wrote a version.
type Source string

// The sources.
const (
	FromAuthor Source = "AUTHOR"
	FromOffice Source = "OFFICE"
)

// Version is one state of a report's text. What was handed in, and each edited
// text, stays as it was.
type Version struct {
	MatterID      string `gorm:"primaryKey"`
	Ordinal       int    `gorm:"primaryKey;autoIncrement:false"` // from 1
	InstitutionID string
	Source        Source
	Title         string
	Situation     string
	Analysis      string
	Advice        string
	Note          string // what was changed, in the editor's words
	WriterName    string
	WrittenAt     time.Time
}

// TableName names the table.
func (Version) TableName() string { return "opinion_versions" }

// version makes the row of a version by the actor of a move.
func version(m *matter.Move, ordinal int, by Source, c Unfinished) *Version {
	return &Version{
		MatterID: m.Matter.ID, Ordinal: ordinal, InstitutionID: m.Matter.InstitutionID, Source: by, Title: c.Title,
		Situation: c.Situation, Analysis: c.Analysis, Advice: c.Advice, WriterName: m.Actor.Name, WrittenAt: m.At,
	}
}

// addVersion adds a version, unless it says just what the newest one says.
func addVersion(ctx context.Context, m *matter.Move, by Source, c Unfinished, note string) error {
	last, err := newest(ctx, m)
	if err != nil {
		return err
	}
	v := version(m, last.Ordinal+1, by, c)
	v.Note = note
	switch {
	case last.says(*v):
		return nil
	case v.Ordinal > maxRows:
		return ErrFull
	}
	m.Tx.Insert(v)
	return nil
}

// newest returns the newest version of a report.
func newest(ctx context.Context, m *matter.Move) (Version, error) {
	v, err := gorm.G[Version](m.Tx.Gorm(ctx)).Where("matter_id = ?", m.Matter.ID).Order("ordinal DESC").First(ctx)
	if err != nil {
		return v, fmt.Errorf("find the newest version: %w", err)
	}
	return v, nil
}

// says reports whether two versions have the same text.
func (v Version) says(o Version) bool {
	return v.Title == o.Title && v.Situation == o.Situation && v.Analysis == o.Analysis && v.Advice == o.Advice
}

// maxIssue is how long an edited text may be: one report as long as an author's,
// one that is made of several twice as much, which is a default of this
// installation.
var maxIssue = map[IssueType]int{Single: maxText, Composite: 2 * maxText, Special: 2 * maxText}

// edit adds the next version of the edited text.
func edit(ctx context.Context, m *matter.Move) error {
	in := m.Input.(EditInput)
	if length(in.Situation, in.Analysis, in.Advice) > maxIssue[in.IssueType] {
		return ErrEdited
	}
	own, err := find(ctx, m)
	if err != nil {
		return err
	}
	c := Unfinished{Title: in.Title, Situation: in.Situation, Analysis: in.Analysis, Advice: in.Advice}
	if err := addVersion(ctx, m, FromOffice, c, in.Note); err != nil {
		return err
	}
	if in.IssueNo == "" {
		in.IssueNo = own.IssueNo
	}
	m.Tx.Exec("UPDATE opinions SET issue_type = ?, issue_no = ? WHERE matter_id = ?", in.IssueType, in.IssueNo, m.Matter.ID)
	m.Comment = in.Note
	return nil
}

// Versions returns every version of a report, the oldest first: for the office,
// the leaders, and whoever verifies it. Others who see the report get
// ErrVersions.
func (s *Service) Versions(ctx context.Context, a member.Actor, id string) ([]Version, error) {
	x, _, err := s.matters.Find(ctx, s.db, a, Kind, id)
	if err != nil {
		return nil, err
	}
	if !matter.Oversees(a) && !x.Leads(a) {
		return nil, ErrVersions
	}
	return versionsOf(ctx, s.db, id)
}

func versionsOf(ctx context.Context, c store.Conn, id string) ([]Version, error) {
	all, err := gorm.G[Version](c.Gorm(ctx)).Where("matter_id = ?", id).Order("ordinal").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	return all, nil
}
