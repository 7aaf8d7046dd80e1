" Highlighting of copse's policies, for Neovim and Vim.
if exists("b:current_syntax")
  finish
endif

syntax iskeyword @,48-57,_,-
syntax keyword copseStatement policy templates from allow override attribute list profile rule default test
syntax keyword copseCondition when and or not in like has else canary within on
syntax keyword copseTest task now expect error
syntax keyword copseOutcome template runner namespace use cpu memory storage label annotation node tolerate env
syntax keyword copseOutcome javaOpts priorityClass deadline grace
syntax keyword copseConstant true false mon tue wed thu fri sat sun off k8s worker
syntax keyword copseAttribute type id groupId dataSource supervisorId priority attempt requiredCapacity payload
syntax match copseType /:\s*\zs\%(text\|integer\|decimal\|boolean\|duration\|quantity\|interval\)\>/
syntax match copsePath /\<\h\k*\%(\.\%(\k\+\|"\%(\\.\|[^"\\]\)*"\)\)\+/
syntax match copseNumber /\<\d\{1,2}:\d\d\>/
syntax match copseNumber /-\?\<\d\+\%(\.\d\+\)\?\%(%\|\a*\>\)/
syntax match copseOperator /[=!<>]=\|[<>=?]\|\.\./
syntax region copseText start=/"/ skip=/\\./ end=/"/ oneline contains=copseEscape
syntax region copsePattern start=/\<\%(glob\|re\)"/ skip=/\\./ end=/"/ oneline
syntax match copseEscape /\\\%(["\\\/bfnrt]\|u\x\{4}\)/ contained
syntax match copseComment /#.*$/

highlight default link copseStatement Statement
highlight default link copseCondition Conditional
highlight default link copseTest Keyword
highlight default link copseOutcome Keyword
highlight default link copseConstant Constant
highlight default link copseAttribute Identifier
highlight default link copsePath Identifier
highlight default link copseType Type
highlight default link copseNumber Number
highlight default link copseOperator Operator
highlight default link copseText String
highlight default link copsePattern String
highlight default link copseEscape SpecialChar
highlight default link copseComment Comment

let b:current_syntax = "copse"
