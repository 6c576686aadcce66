"""Beginnings and ends of words as the vocabulary cuts them: made-up words of these exercise all of it."""

STEMS = """
the in of de to and th re con st for is be on al se en an la pro as com qu wh with that un le su ex was it ne or at he
pr ch by tr from des et cl el are this im not res que pl sh par you me us per do und cont ad ar comp if est can ab
were der we have all pre dis er ro di te his which part del but au es die no ob class out les her am inter em new so
had du sa man ma val one has int sp sur ent go ag lo po mod dif comm str get up set const ver pos their my sc col ph
form tra ap reg av more will bet vo ra also il acc act cons app def los they rec pe over time your other trans been
rel sub there first co she would ser da por che data may work ein when into ac use pres num den pol than add stud its
id det any some gr bo who cor att sign dem kn two dur produ je about op bl fl aut una na fe fil only eff pat rem end
min dans ke tem son para car pour sol him une med prov von them under then used inst si cre after cell requ met where
like could mar vari ext off ind sim spec using bu such dist dire loc need inv mon gener what qui name these conf self
just back ve ed how don cal las show value mit year said fr type pas test did van sm cent most long ter cap bec high
each som pass non war final ins hand again br vers char void zu main ant men das know var sup else como point um vol
incre sl let same dec well pop dev true want case anal fo our list prote found both prim bel plus look auf cr poss ce
gu sch ave gl post while start cas way sk dr rest oper find equ gen tri quest line does fact os art null hab hel exper
being real term down port run right vis level make mat ou ge fin even bre group tot made see here study model now tak
avec false hist three als wur ref much sich file many cond user organ read ident event years try play log mus mov prof
cu fran those every ret ann hum text occ enc pu pot open very mil ist fa cells state child code appro sing mo bi famil
help serv mais head entre mult place word order expl path aus best arr lim bas elect orig sus amer sou chang aff pod
redu dat still ur rece think memb mi og stand good local beh cle call div vi mot dos small meas view init conne disc
field size eine dom own print nov inc mark total qual het last diff lead leg wer comb care va opt fre key mu cou dou
prom nh inf sie cour arg super error turn li allow appe od indic imp sem dan mak come image seg ev ha four day lui
wurde due tro sont top left john old ste polit ide cert count must treat later href era cult sens nicht ja emb power
based java take sugg film circ indiv pred sam src sent prop az fac infl eng mem ii life adv pri since dest might say
hat sever conc bro cho spe gre water grand env af mean check ih body gra ses org activ table stat ask exp iss mill sw
low side given bar mom net next put less coun input mor world aw jul build break shown large sz exist param nach tre
caus ten cost sal lang writ too inte neg beg kon light match least crit ol pa een press techn bus vir style above area
trad array bir base aux abs tu grow ey grou human fut sein few range cur uma prob won sum color dies until stad della
situ ir home tou hom major mes link aug ben jan known ess compr bes kh comme invol km going pi ep ng elle util kom
larg dise sym fem ele impro auch ho whe sec anim deux lib alg never mal plan face title hal red didn camp week great
amb along sat contr air got eas index om happ month bis fue yang role rad means separ block lower far short iz pap
phys pract book claim team exam among ill pers espec
""".split()
ENDS = """
er in en on es he at or an re is it ar al le ed as ic ro ion ent nd el ing et ou om st ct il am id ur im ch ad ol ut
os qu ig iv em ra ot ul ce est us ir un ie od if ow ag ter te ab um ly th ac se ist ay ate and ess ith ers av ere ri
pe ort ant oc ver ap end ment ht our op ia ak art ain pl ue rom og ud ame pt iz ine ich ell ub port ill ity ang ov age
ld ans ne ure ial ik pr ive ore de ies per tr ber ult ard ect ip con ost ire int cl all orm ff to ib ust rou ord ight
ated ind ave ile ata xt able ast ge urn ens ru io out ase ok ack ach cc are du ve ide lic act ould ath nt ical ient
get pp ont ice ong ign ng ous ier ime ph ob fer com ence turn ance ite ary form ll res ace erv one so ther ork au ode
ome ck me we pon ert enc ah ps ions ype ual ma gh che ors ple ose ft ung ory ari cre ait ject der gr que yst vent elf
rit ys iss lect vel her ear iew lo iel ific ian inal erm ater own ran oll ug ener ry ely put ex ount div az ke eth
irst led cri val li aus ann up ese ick ail ten ade pro ien ound ild ep les ied ock ents ec par eng ew ize clud ull ado
row und ij ada ss wo eg ark pec ree ale ink ake ta ise emb ins ric ix pect fter ular ates tt ern ish anc cess aj text
ike ven pos ek ange str let ings old olog app ina but mer igh arg ons eb ond ove ays ava yn ci ef ente ble ror oth
atch atic ased ray na ton ield sp tern co cond itt ween ict red oy ze be ner ren uc ym bo als urr amp its ui plic name
ts ank els urs uch rol ues roup ator ible gan min ract ux land ser hed wer fl ced ais att den ces ures ica ger ai une
ages ats aut ally yp this ruct ause ider ique ene ext air uss vo htt oh po ower je hr uer fore oci ole reat cent ando
ars ants ism la ning amb add son ined oun ward ough ho cho read cept rac ior no data any ute ody cont alse til rop
isch set ever ato uk iver man col za ics vi ler sk ni ash ante ros fo ax elle swer pres ty go ited yl ized ines ral wn
ared gen ress icht dd ido ask line atus ames pend abel gg ane roll ault lich yle very kt amil raph gy era ful ule work
ium ott rc ara inc self ja ron ett por ince ico of view ired va wh lex ms itle ayer ader sh ices way ste bl for men
math gram ella pre date ka orld ote ural omb aw ml ino ques imes use duct ida ople sch reg irc dex odel fe new ets
vers ana ery ved ks ores ura tain itu ano ife iter face ados ird ason def eter ox ativ rem ouse ref ero agn ca enn ios
rag da vol leg cul ght ams hip umn ha lt ital over ateg lev ency orn idth user the ours med ify ross yd br ales iet
iven ici idad uro by part ting ille var arly ains play hor ette mi gu alk ione chn ems ena raw ito ohn serv frac td yt
unt alt lar ived fig erc org rain arch ama ny word alth tre ko ush bed ides zy tion mp ense ita ben nh rist ey ken ga
back ini cer itor lete adi omen ysis ream ided isk arr rm ness hib px elt ager oj eta oint roid xim mit uf iron ora
ples php ison rite ters not ista ves ists ume ubl zen ela ki ends empl gl arge ood ude come arm http oss ives ige ww
igen iod do jor pi ots ival pond zt ati key vert cle endo my rel bar try bum ilar ende left load orth net ones bu ief
ypes erg ffer ras bert arn ury span unc af vern ua ook ards ases itch ali icon ift err ku ily ites ably hel arl ges
item ley urch ican ala ih ways ima ils cted cha sole abl ried ira ured ploy off uel ires aim obre ya iste ario ocal
aba mon ised aux pons cia iam pu uit log aint iled ria ret mes ili eder icro atal ety ete ttp rame jo inn amm ba icle
ias irm test oph ula aron rap ede ache osed ti rix ands ched ride ahr ban abor ries urg ona mun outh ador cal less zo
kan ules ious iles adas och stit bol ffic mod ourn bb ling zi ails pen day aps acc ync ored init ych oman loat ald met
rid ades ii void opt html wa ql chan mail file utes ids sc ika oad mand tn rie rodu aces anto sum apt ivo ilt box ln
oot ogn vis oper lick kl idd ony iro rect aff ump iff bre valu etic odes ao uter ogen empt type ako abil from img ises
opy ideo
""".split()
