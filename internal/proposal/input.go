package proposal

import "yanlu/internal/workflow"

// Content is what a proposal says, and who proposes it. Lengths are in characters,
// after trimming. A part that is missing is hinted at and not refused: what came on
// paper may stand in its scan.
type Content struct {
	Title      string   `json:"title" minLength:"2" maxLength:"60" example:"关于改善城乡公交衔接的建议" label:"案由" widget:"text" doc:"案由，2到60字，一件提案说一件事"`
	Proposer   Proposer `json:"proposer,omitempty" enum:"INDIVIDUAL,JOINT,PARTY,GROUP,SECTOR,PANEL,COMMITTEE" example:"INDIVIDUAL" label:"提案者" widget:"choice" options:"proposers" doc:"个人、联名，或党派、团体、界别、小组、专委会；不填为个人，选了联名人的为联名"`
	BodyName   string   `json:"body_name,omitempty" maxLength:"50" example:"" label:"集体名称" widget:"text" when:"proposer=PARTY,GROUP,SECTOR,PANEL,COMMITTEE" doc:"集体提案写明是哪个党派、团体、界别、小组或专委会"`
	Situation  string   `json:"situation,omitempty" maxLength:"3000" example:"城乡公交目前每天只有四班，换乘平均要等一个小时。" label:"情况" widget:"textarea" doc:"情况，最多3000字"`
	Analysis   string   `json:"analysis,omitempty" maxLength:"3000" example:"主要是两家公司的班次各排各的，没有衔接。" label:"分析" widget:"textarea" doc:"分析，最多3000字"`
	Advice     string   `json:"advice,omitempty" maxLength:"3000" example:"建议由交通局统一排班，并在换乘站公布时刻表，半年内完成。" label:"建议" widget:"textarea" doc:"具体建议，最多3000字"`
	Category   string   `json:"category" enum:"CITY,TRAFFIC,EDUCATION,HEALTH,AGRICULTURE,ENVIRONMENT,LIVELIHOOD,CULTURE,ECONOMY,OTHER" example:"TRAFFIC" label:"类别" widget:"choice" options:"categories" doc:"类别"`
	PublicWish bool     `json:"public,omitempty" example:"true" label:"同意公开" widget:"switch" doc:"立案后是否同意公开提案和答复"`
	UnitsWish  string   `json:"units_wish,omitempty" maxLength:"100" example:"县交通运输局" label:"建议承办单位" widget:"text" doc:"您认为适合由哪个单位办理，可不填"`
	CoAuthors  []string `json:"co_author_ids,omitempty" maxItems:"20" format:"uuid" label:"联名人" widget:"people" options:"members" doc:"联名的委员，逐一征求本人同意"`
}

// Unfinished is Content of which nothing is due yet.
type Unfinished struct {
	Title      string   `json:"title,omitempty" maxLength:"60" example:"关于改善城乡公交衔接的建议" label:"案由" widget:"text" doc:"案由，最多60字"`
	Proposer   Proposer `json:"proposer,omitempty" enum:"INDIVIDUAL,JOINT,PARTY,GROUP,SECTOR,PANEL,COMMITTEE" example:"INDIVIDUAL" label:"提案者" widget:"choice" options:"proposers" doc:"个人、联名，或党派、团体、界别、小组、专委会"`
	BodyName   string   `json:"body_name,omitempty" maxLength:"50" example:"" label:"集体名称" widget:"text" when:"proposer=PARTY,GROUP,SECTOR,PANEL,COMMITTEE" doc:"集体提案写明是哪个党派、团体、界别、小组或专委会"`
	Situation  string   `json:"situation,omitempty" maxLength:"3000" example:"城乡公交目前每天只有四班。" label:"情况" widget:"textarea" doc:"情况，最多3000字"`
	Analysis   string   `json:"analysis,omitempty" maxLength:"3000" example:"两家公司的班次没有衔接。" label:"分析" widget:"textarea" doc:"分析，最多3000字"`
	Advice     string   `json:"advice,omitempty" maxLength:"3000" example:"建议统一排班。" label:"建议" widget:"textarea" doc:"具体建议，最多3000字"`
	Category   string   `json:"category,omitempty" enum:"CITY,TRAFFIC,EDUCATION,HEALTH,AGRICULTURE,ENVIRONMENT,LIVELIHOOD,CULTURE,ECONOMY,OTHER" example:"TRAFFIC" label:"类别" widget:"choice" options:"categories" doc:"类别"`
	PublicWish bool     `json:"public,omitempty" example:"true" label:"同意公开" widget:"switch" doc:"立案后是否同意公开提案和答复"`
	UnitsWish  string   `json:"units_wish,omitempty" maxLength:"100" example:"县交通运输局" label:"建议承办单位" widget:"text" doc:"您认为适合由哪个单位办理，可不填"`
	CoAuthors  []string `json:"co_author_ids,omitempty" maxItems:"20" format:"uuid" label:"联名人" widget:"people" options:"members" doc:"联名的委员"`
}

// SubmitInput is a proposal as a member, or a liaison for one, hands it in, or as
// staff record it from paper.
type SubmitInput struct {
	workflow.New
	Content
	CollectionID string   `json:"collection_id,omitempty" maxLength:"36" example:"" label:"提交给哪一级" widget:"collection" options:"collections" doc:"上级政协的征集；不填为本级政协"`
	OnBehalfOf   string   `json:"on_behalf_of,omitempty" maxLength:"36" example:"" label:"代哪位委员提交" widget:"person" doc:"联络员代委员提交时填写"`
	Seal         []string `json:"seal,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"盖章或签名扫描件" widget:"files" when:"proposer=PARTY,GROUP,SECTOR,PANEL,COMMITTEE" doc:"集体提案附盖章或召集人签名的扫描件；纸件代录的，扫描件写在代录里也可以"`
}

// DraftInput is a proposal that is not finished. Nothing is due in it.
type DraftInput struct {
	workflow.New
	Unfinished
	CollectionID string   `json:"collection_id,omitempty" maxLength:"36" example:"" label:"提交给哪一级" widget:"collection" options:"collections" doc:"上级政协的征集；不填为本级政协"`
	OnBehalfOf   string   `json:"on_behalf_of,omitempty" maxLength:"36" example:"" label:"代哪位委员起草" widget:"person" doc:"联络员代委员起草时填写"`
	Seal         []string `json:"seal,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"盖章或签名扫描件" widget:"files" when:"proposer=PARTY,GROUP,SECTOR,PANEL,COMMITTEE" doc:"集体提案附盖章或召集人签名的扫描件"`
}

// SaveInput keeps a draft as it stands now.
type SaveInput struct {
	workflow.Seen
	Unfinished
	CollectionID string   `json:"collection_id,omitempty" maxLength:"36" example:"" label:"提交给哪一级" widget:"collection" options:"collections" doc:"上级政协的征集；不填为本级政协"`
	Seal         []string `json:"seal,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"盖章或签名扫描件" widget:"files" when:"proposer=PARTY,GROUP,SECTOR,PANEL,COMMITTEE" doc:"现在应有的全部扫描件；不填则不变"`
}

// InviteInput asks those who are named to sign, before the proposal is handed in.
type InviteInput struct {
	workflow.Seen
	Content
}

// ReviseInput changes a text that others have been asked to sign. Those who had
// agreed are asked again.
type ReviseInput struct {
	workflow.Seen
	Content
}

// SendInput hands in what was a draft, was signed by others or was returned, as it
// stands now.
type SendInput struct {
	workflow.Seen
	Content
	CollectionID string   `json:"collection_id,omitempty" maxLength:"36" example:"" label:"提交给哪一级" widget:"collection" options:"collections" doc:"上级政协的征集；不填为本级政协。退回修改的不填，仍在原处"`
	Seal         []string `json:"seal,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"盖章或签名扫描件" widget:"files" when:"proposer=PARTY,GROUP,SECTOR,PANEL,COMMITTEE" doc:"集体提案附盖章或召集人签名的扫描件；不填则不变"`
}

// ReviewInput is what a reviewer thinks of a proposal.
type ReviewInput struct {
	workflow.Seen
	Decision   Opinion  `json:"decision" enum:"FILE,NOT_FILE,RETURN,MERGE,CONVERT" example:"FILE" label:"审查意见" widget:"choice" options:"review_opinions" doc:"建议立案、不予立案、退回修改、并案，或转为其他形式"`
	Ground     Ground   `json:"ground,omitempty" enum:"SECRET,FORBIDDEN,PARTY_AFFAIRS,OWN_PARTY,LITIGATION,ACADEMIC,PERSONAL,PROMOTION,ACCUSATION,EMPTY" example:"EMPTY" label:"不予立案的情形" widget:"choice" options:"grounds" doc:"建议不予立案的，属于哪一种情形"`
	Category   string   `json:"category,omitempty" enum:"CITY,TRAFFIC,EDUCATION,HEALTH,AGRICULTURE,ENVIRONMENT,LIVELIHOOD,CULTURE,ECONOMY,OTHER" example:"TRAFFIC" label:"建议类别" widget:"choice" options:"categories" doc:"建议归入的类别"`
	LeadUnitID string   `json:"lead_unit_id,omitempty" maxLength:"36" label:"建议主办单位" widget:"choice" options:"units" unless:"co_unit_ids" doc:"建议由哪个单位主办，可不填"`
	CoUnitIDs  []string `json:"co_unit_ids,omitempty" maxItems:"20" format:"uuid" label:"建议会办单位" widget:"choices" options:"units" unless:"lead_unit_id" doc:"建议会办单位，可不填"`
	MergeWith  string   `json:"merge_with,omitempty" maxLength:"200" example:"与李春山委员关于公交的提案相近" label:"建议并案" widget:"text" doc:"与哪些提案相近，可不填"`
	Note       string   `json:"note,omitempty" maxLength:"500" example:"情况清楚，建议具体。" label:"说明" widget:"textarea" phrases:"yes" doc:"说明，可不填"`
}

// Met says which meeting decided, and when. Staff enter it for a whole list at
// once; without it the office decides on its own day.
type Met struct {
	Meeting string `json:"meeting,omitempty" maxLength:"60" example:"提案审查委员会第一次会议" label:"会议名称" widget:"text" doc:"由哪次会议决定，可不填"`
	MetOn   string `json:"met_on,omitempty" maxLength:"10" example:"" label:"会议日期" widget:"date" doc:"会议的日期，决定和期限从这一天起算；不填为今天"`
}

// FileInput files a proposal. In a small office one screen decides, classifies and
// proposes the units.
type FileInput struct {
	workflow.Seen
	Met
	Category   string   `json:"category,omitempty" enum:"CITY,TRAFFIC,EDUCATION,HEALTH,AGRICULTURE,ENVIRONMENT,LIVELIHOOD,CULTURE,ECONOMY,OTHER" example:"TRAFFIC" label:"类别" widget:"choice" options:"categories" doc:"确认后的类别，不填则不变"`
	Urgent     bool     `json:"urgent,omitempty" example:"false" label:"加急" widget:"switch" doc:"是否加急"`
	LeadUnitID string   `json:"lead_unit_id,omitempty" maxLength:"36" label:"拟主办单位" widget:"choice" options:"units" unless:"co_unit_ids" doc:"拟交哪个单位主办，可不填"`
	CoUnitIDs  []string `json:"co_unit_ids,omitempty" maxItems:"20" format:"uuid" label:"拟会办单位" widget:"choices" options:"units" unless:"lead_unit_id" doc:"拟会办单位，可不填"`
}

// NotFileInput decides that a proposal is not filed, on one of the ten grounds, and
// where its content goes instead.
type NotFileInput struct {
	workflow.Reasoned
	Met
	Ground   Ground   `json:"ground" enum:"SECRET,FORBIDDEN,PARTY_AFFAIRS,OWN_PARTY,LITIGATION,ACADEMIC,PERSONAL,PROMOTION,ACCUSATION,EMPTY" example:"EMPTY" label:"不予立案的情形" widget:"choice" options:"grounds" doc:"属于哪一种情形"`
	Transfer Transfer `json:"transfer,omitempty" enum:"LETTER,OPINION,SUGGESTION,PETITION,COURT,DISCIPLINE,DEPARTMENT" example:"OPINION" label:"内容的去向" widget:"choice" options:"transfers" doc:"内容转作什么，或告诉委员可以走哪个渠道，可不填"`
}

// ReturnInput sends a proposal back to its sponsor, with what to mend.
type ReturnInput struct{ workflow.Reasoned }

// RetitleInput rewrites the 案由 of the proposal that leads a merge, or of any other.
type RetitleInput struct {
	workflow.Reasoned
	Title string `json:"title" minLength:"2" maxLength:"60" example:"关于改善城乡公交衔接和候车条件的建议" label:"改写后的案由" widget:"text" doc:"改写后的案由，原案由会留在办理过程里"`
}

// AskRevokeInput is the sponsor's wish to revoke what was filed.
type AskRevokeInput struct{ workflow.Reasoned }

// RevokeInput grants it.
type RevokeInput struct{ workflow.Seen }

// KeepInput refuses it, and says why.
type KeepInput struct{ workflow.Reasoned }

// TranslateInput sends a filed proposal to be translated.
type TranslateInput struct {
	workflow.Seen
	Language     Language `json:"language" enum:"ZH,UG,KK,BO,MN,KO,ZA,II,OTHER" example:"UG" label:"译成" widget:"choice" options:"languages" doc:"译成哪种文字"`
	TranslatorID string   `json:"translator_id,omitempty" maxLength:"36" example:"" label:"翻译人员" widget:"person" options:"colleagues" doc:"由谁翻译；不填则由全体翻译人员认领"`
}

// TranslationInput is the translation of the title and the three parts.
type TranslationInput struct {
	workflow.Seen
	Title     string `json:"title" minLength:"1" maxLength:"200" example:"شەھەر-يېزا ئاپتوبۇسلىرىنى ئۇلاش توغرىسىدا" label:"案由译文" widget:"text" doc:"案由的译文"`
	Situation string `json:"situation,omitempty" maxLength:"6000" example:"كۈندە پەقەت تۆت قېتىم قاتنايدۇ." label:"情况译文" widget:"textarea" doc:"情况的译文"`
	Analysis  string `json:"analysis,omitempty" maxLength:"6000" example:"قاتناش ۋاقتى ماسلاشمىغان." label:"分析译文" widget:"textarea" doc:"分析的译文"`
	Advice    string `json:"advice,omitempty" maxLength:"6000" example:"بىرتۇتاش ۋاقىت جەدۋىلى تۈزۈش لازىم." label:"建议译文" widget:"textarea" doc:"建议的译文"`
}

// PassTranslationInput accepts a translation that was compared with the original.
type PassTranslationInput struct{ workflow.Seen }

// RedoTranslationInput sends a translation back, with what to mend.
type RedoTranslationInput struct{ workflow.Reasoned }

// SkipTranslationInput goes on without one.
type SkipTranslationInput struct{ workflow.Seen }

// GatherInput puts a proposal into a higher body's collection.
type GatherInput struct {
	workflow.Seen
	CollectionID string `json:"collection_id,omitempty" maxLength:"36" example:"" label:"上级征集" widget:"collection" options:"collections" doc:"列入哪一项上级征集；只有一项正在进行时可不填"`
}

// TakeInInput makes what was gathered for a higher body a proposal of this one.
type TakeInInput struct{ workflow.Seen }

// ChooseInput chooses a proposal for the higher body.
type ChooseInput struct {
	workflow.Seen
	Met
}

// PassOverInput tells that it was not chosen.
type PassOverInput struct {
	workflow.Reasoned
	Met
}

// HandUpInput hands a proposal up.
type HandUpInput struct {
	workflow.Seen
	Number string `json:"number,omitempty" maxLength:"40" example:"" label:"上级编号" widget:"text" doc:"上级给的编号，还没有的可以以后登记"`
}

// RefuseAboveInput books that the higher body did not file it, and why.
type RefuseAboveInput struct{ workflow.Reasoned }

// ConcludeInput books the higher body's answer.
type ConcludeInput struct {
	workflow.Seen
	Number string `json:"number,omitempty" maxLength:"40" example:"第126号" label:"上级编号" widget:"text" doc:"上级给的编号，不填则不变"`
	Answer string `json:"answer" minLength:"2" maxLength:"3000" example:"市交通局答复：已列入明年公交线路调整计划。" label:"答复内容" widget:"textarea" doc:"上级的答复，会告诉提案人"`
}

// BookUpperInput books what became known from above: the number that the proposal
// has there, an award that it got. At least one of them is due.
type BookUpperInput struct {
	workflow.Seen
	Number string `json:"number,omitempty" maxLength:"40" example:"第126号" label:"上级编号" widget:"text" doc:"上级给的编号，不填则不变"`
	Award  string `json:"award,omitempty" maxLength:"100" example:"被评为优秀提案" label:"上级表彰" widget:"text" doc:"在上级获得的表彰，不填则不变"`
}

// NominateInput nominates a proposal for a mark of honour.
type NominateInput struct {
	workflow.Seen
	Note string `json:"note,omitempty" maxLength:"200" example:"事关全县公交，建议可操作。" label:"提名理由" widget:"textarea" doc:"理由，可不填"`
}

// ApproveKeyInput makes a proposal a 重点提案, as the 主席会议 approved it, together
// with the way of supervision.
type ApproveKeyInput struct {
	workflow.Seen
	Met
	Way    SupervisionWay `json:"way" enum:"DELIBERATION,VISIT,RESEARCH,CALL" example:"DELIBERATION" label:"督办方式" widget:"choice" options:"supervision_ways" doc:"协商座谈、实地考察、专题调研、走访"`
	Leader string         `json:"leader,omitempty" maxLength:"50" example:"赵立言" label:"督办领导" widget:"text" doc:"由哪位主席、副主席督办，可不填"`
}

// SuperviseInput arranges that a leader supervises the handling (督办).
type SuperviseInput struct {
	workflow.Seen
	Leader string         `json:"leader" minLength:"2" maxLength:"50" example:"赵立言" label:"督办领导" widget:"text" doc:"由哪位领导督办"`
	Way    SupervisionWay `json:"way" enum:"DELIBERATION,VISIT,RESEARCH,CALL" example:"VISIT" label:"督办方式" widget:"choice" options:"supervision_ways" doc:"协商座谈、实地考察、专题调研、走访"`
	Begins string         `json:"begins,omitempty" maxLength:"10" example:"" label:"从" widget:"date" doc:"督办从哪一天起，不填为今天"`
	Ends   string         `json:"ends,omitempty" maxLength:"10" example:"" label:"到" widget:"date" doc:"督办到哪一天止，不填为三个月"`
	Note   string         `json:"note,omitempty" maxLength:"500" example:"重点看换乘站的时刻表。" label:"督办要求" widget:"textarea" doc:"要求，可不填"`
}

// SupervisionReportInput tells what a supervision found: of the one that runs, or of
// one that was not arranged before.
type SupervisionReportInput struct {
	workflow.Seen
	Leader string         `json:"leader,omitempty" maxLength:"50" example:"赵立言" label:"督办领导" widget:"text" doc:"事先没有安排督办的，写明是哪位领导"`
	Way    SupervisionWay `json:"way" enum:"DELIBERATION,VISIT,RESEARCH,CALL" example:"VISIT" label:"督办方式" widget:"choice" options:"supervision_ways" doc:"协商座谈、实地考察、专题调研、走访"`
	Report string         `json:"report" minLength:"2" maxLength:"2000" example:"到换乘站看了现场，时刻表已经公布，下月起统一排班。" label:"督办情况" widget:"textarea" doc:"督办情况，2到2000字，提案人看得到"`
	Files  []string       `json:"files,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"照片和文件" widget:"files" doc:"照片和文件，可不选，最多9个"`
}

// ReviewExcellentInput books that the review found a proposal excellent.
type ReviewExcellentInput struct {
	workflow.Seen
	Met
}

// PublishExcellentInput makes it known.
type PublishExcellentInput struct{ workflow.Seen }

// PublishInput lets all members read a proposal, and its answer where staff choose.
type PublishInput struct {
	workflow.Seen
	Answer bool `json:"answer,omitempty" example:"true" label:"答复也公开" widget:"switch" doc:"答复是否一并公开"`
	Agreed bool `json:"agreed,omitempty" example:"false" label:"已征得提案人同意" widget:"switch" doc:"提案时没有选择公开的，要先征得提案人同意"`
}

// UnpublishInput takes that back.
type UnpublishInput struct{ workflow.Seen }
