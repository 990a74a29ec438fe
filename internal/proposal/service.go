package proposal

import (
	"context"
	"fmt"
	"maps"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/attachment"
	"yanlu/internal/handling"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/safety"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Service takes proposals in and decides them.
type Service struct {
	db       *store.DB
	matters  *matter.Service
	tail     *handling.Service
	dispatch matter.Effect // of the tail
	files    *attachment.Service
	notify   *notify.Service
	checks   *safety.Service
	now      func() time.Time
}

// New returns the service and registers the kind.
func New(db *store.DB, matters *matter.Service, files *attachment.Service, tail *handling.Service, n *notify.Service, checks *safety.Service, now func() time.Time) *Service {
	effects := matters.SharedEffects()
	maps.Copy(effects, tail.Effects(Kind, terms()))
	s := &Service{db: db, matters: matters, tail: tail, dispatch: effects["dispatch"], files: files, notify: n, checks: checks, now: now}
	maps.Copy(effects, map[string]matter.Effect{
		"save": s.save, "invite": s.invite, "revise": s.revise, "send": s.send, "withdraw": matter.Withdraw("不再办理"),
		"pre_review": s.preReview, "re_review": s.reReview, "file": s.file, "not_file": s.notFile, "return": s.giveBack(matters.GiveBack(amendClock, "修改", "；提交的日期仍按第一次的算。")), "retitle": s.retitle,
		"dispatch": s.dispatchNumbered, "ask_revoke": s.askRevoke, "revoke": s.revoke, "keep": keep,
		"translate": s.translate, "hand_translation": s.handTranslation, "pass_translation": s.passTranslation, "redo_translation": s.redoTranslation, "skip_translation": s.skipTranslation,
		"gather": s.gather, "take_in": s.takeIn, "choose": s.choose, "pass_over": s.passOver, "hand_up": s.handUp, "conclude": s.conclude, "refuse_above": s.refuseAbove, "book_upper": s.bookUpper,
		"nominate_key": nominate(Key), "approve_key": s.approveKey, "supervise": s.supervise, "report_supervision": s.reportSupervision,
		"nominate_excellent": nominate(Excellent), "review_excellent": s.reviewExcellent, "publish_excellent": s.publishExcellent,
		"publish": s.publish, "unpublish": unpublish, "convert": matters.Convert(content),
	})
	matters.Register(matter.Head{
		Kind: Kind, Flow: Flow(), Effects: effects, MergeInto: mergeInto(), UnmergeFrom: unmergeFrom(), Unsent: is(Cosigning), Intake: s.intake, StandsFor: standsFor,
		Upward: &matter.Upward{Action: "submit", Row: s.copyUp, Back: s.bookBack},
		Reach:  matter.Reach{Closed: closed(), To: []member.Role{member.InfoStaff, member.ProposalStaff, member.ProposalChair}}, Office: member.ProposalStaff,
	})
	matters.AddSight(translatorSees)
	checks.Register(safety.Source{Kind: string(Kind), Label: Flow().Label, Default: true, Texts: texts})
	return s
}

// Settings lists what an institution may set of its proposals.
func Settings() []institution.AnySetting { return []institution.AnySetting{TwoReviews()} }

// Submit hands a proposal in: for the actor, for the member whom a liaison names,
// or for whom staff record it from paper; to this body, or to a higher body's
// collection that is open. ErrTitle, ErrText, ErrJoint, ErrBody, ErrSeal and the
// faults of collections tell of what the form could not, and see matter.Service.Open.
func (s *Service) Submit(ctx context.Context, tx *store.Tx, a member.Actor, in SubmitInput) (matter.Matter, []matter.Author, error) {
	if err := in.check(in.Paper); err != nil {
		return matter.Matter{}, nil, err
	}
	to := Submitted
	if in.CollectionID != "" {
		to = Gathered
	}
	m, err := s.open(ctx, tx, a, Unfinished(in.Content), matter.Opening{Action: "submit", To: to, AuthorID: in.OnBehalfOf, Paper: in.Paper})
	if err != nil {
		return matter.Matter{}, nil, err
	}
	own, err := s.row(ctx, m, Unfinished(in.Content), in.CollectionID)
	if err != nil {
		return matter.Matter{}, nil, err
	}
	if err := s.seals(ctx, m, own, in.Seal, in.Paper); err != nil {
		return matter.Matter{}, nil, err
	}
	m.AskCoAuthors()
	m.TellBehalf()
	return m.Matter, m.Authors, s.matters.Deliver(ctx, m)
}

// Draft keeps a proposal that is not finished; nobody but its author sees it. It is
// kept past every window.
func (s *Service) Draft(ctx context.Context, tx *store.Tx, a member.Actor, in DraftInput) (matter.Matter, []matter.Author, error) {
	m, err := s.open(ctx, tx, a, in.Unfinished, matter.Opening{Action: "draft", AuthorID: in.OnBehalfOf})
	if err != nil {
		return matter.Matter{}, nil, err
	}
	own, err := s.row(ctx, m, in.Unfinished, in.CollectionID)
	if err != nil {
		return matter.Matter{}, nil, err
	}
	return m.Matter, m.Authors, s.seal(ctx, m, own, in.Seal)
}

// open brings a proposal into being, of its sponsor or of the body that they stand
// for.
func (s *Service) open(ctx context.Context, tx *store.Tx, a member.Actor, c Unfinished, o matter.Opening) (*matter.Move, error) {
	o.Kind, o.Title, o.Category, o.CoAuthors = Kind, c.Title, c.Category, c.CoAuthors
	var err error
	if o.Body, err = bodyOf(ctx, tx.Peek(), a.InstitutionID, c); err != nil {
		return nil, err
	}
	m, err := s.matters.Open(ctx, tx, a, o)
	if err != nil {
		return nil, err
	}
	if first := m.Authors[0]; first.OnBehalfBy != nil { // a liaison's
		return m, mayStand(member.Actor{Sector: first.Sector, GroupName: first.GroupName}, o.Body)
	}
	return m, mayPropose(m.Actor, o.Body)
}

// row queues what this kind keeps of a new proposal, and its text.
func (s *Service) row(ctx context.Context, m *matter.Move, c Unfinished, collectionID string) (*Proposal, error) {
	p := &Proposal{
		MatterID: m.Matter.ID, InstitutionID: m.Matter.InstitutionID, Proposer: proposerOf(c.Proposer, len(c.CoAuthors)),
		TextVersion: 1, PublicWish: c.PublicWish, UnitsWish: c.UnitsWish, ProposedJSON: "[]",
	}
	if err := s.place(ctx, m, p, collectionID); err != nil {
		return nil, err
	}
	m.Tx.Insert(p, textRow(m, c, 1))
	return p, nil
}

// save keeps a draft as it stands now.
func (s *Service) save(ctx context.Context, m *matter.Move) error {
	in := m.Input.(SaveInput)
	m.To = matter.Draft
	own, err := s.write(ctx, m, in.Unfinished)
	if err != nil {
		return err
	}
	if err := s.replace(ctx, m, &own, in.CollectionID); err != nil {
		return err
	}
	return s.seal(ctx, m, &own, in.Seal)
}

// invite asks those who are named to sign the text as it stands now.
func (s *Service) invite(ctx context.Context, m *matter.Move) error {
	in := m.Input.(InviteInput)
	if len(in.CoAuthors) == 0 {
		return ErrJoint
	}
	if err := s.sign(ctx, m, in.Content); err != nil {
		return err
	}
	m.TellBehalf()
	return nil
}

// revise changes a text that others were asked to sign.
func (s *Service) revise(ctx context.Context, m *matter.Move) error {
	return s.sign(ctx, m, m.Input.(ReviseInput).Content)
}

func (s *Service) sign(ctx context.Context, m *matter.Move, c Content) error {
	if err := c.checkText(m.OnPaper()); err != nil {
		return err
	}
	if _, err := s.write(ctx, m, Unfinished(c)); err != nil {
		return err
	}
	m.AskCoAuthors()
	return nil
}

// send hands in what was a draft, was signed by others, or was returned. What was
// handed in before stays of its day, and where it was.
func (s *Service) send(ctx context.Context, m *matter.Move) error {
	in := m.Input.(SendInput)
	if err := in.check(in.Paper); err != nil {
		return err
	}
	own, err := s.write(ctx, m, Unfinished(in.Content))
	if err != nil {
		return err
	}
	if m.Subject.Status != Returned {
		m.Set("submitted_at", m.At)
		if err := s.replace(ctx, m, &own, in.CollectionID); err != nil {
			return err
		}
	}
	if m.To = Submitted; own.UpperBody != "" {
		m.To = Gathered
	}
	if err := s.seals(ctx, m, &own, in.Seal, in.Paper); err != nil {
		return err
	}
	m.AskCoAuthors()
	m.TellBehalf()
	return nil
}

// replace puts what was not handed in yet to where its sponsor now wants it.
func (s *Service) replace(ctx context.Context, m *matter.Move, own *Proposal, collectionID string) error {
	own.CollectionID, own.Occasion, own.UpperBody = nil, "", ""
	if err := s.place(ctx, m, own, collectionID); err != nil {
		return err
	}
	m.Tx.Exec("UPDATE proposals SET collection_id = ?, occasion = ?, upper_body = ? WHERE matter_id = ?", own.CollectionID, own.Occasion, own.UpperBody, own.MatterID)
	return nil
}

// seals lets a proposal have the scans of its seal or signature, which are due of a
// collective one.
func (s *Service) seals(ctx context.Context, m *matter.Move, own *Proposal, ids []string, p *workflow.Paper) error {
	if err := s.seal(ctx, m, own, ids); err != nil || !own.Proposer.collective() || len(ids) > 0 || p != nil && len(p.Scans) > 0 {
		return err
	}
	if m.Subject.Status == "" {
		return ErrSeal
	}
	n, err := gorm.G[attachment.Attachment](m.Tx.Gorm(ctx)).Where("matter_id = ? AND purpose = ? AND removed_at IS NULL", m.Matter.ID, attachment.ForScan).Limit(1).Count(ctx, "id")
	if err == nil && n == 0 {
		return ErrSeal
	}
	return err
}

// seal lets a proposal have just these scans, new ones of whoever typed it; nil
// leaves them as they are.
func (s *Service) seal(ctx context.Context, m *matter.Move, own *Proposal, ids []string) error {
	return s.files.Replace(ctx, m.Tx, m.Typist, ids, attachment.Reference{MatterID: own.MatterID, Purpose: attachment.ForScan})
}

// find returns a proposal's own row.
func find(ctx context.Context, c store.Conn, id string) (Proposal, error) {
	p, err := gorm.G[Proposal](c.Gorm(ctx)).Where("matter_id = ?", id).First(ctx)
	if err != nil {
		return Proposal{}, fmt.Errorf("find a proposal: %w", err)
	}
	return p, nil
}
